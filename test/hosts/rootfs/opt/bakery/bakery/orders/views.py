from django.core.cache import cache
from django.shortcuts import render

from .models import Cake


def home(request):
    cache.set("last-visit", request.path)
    return render(request, "pages/home.html", {"cakes": list(Cake.objects.all())})
