from django.db.models import Sum
from django.shortcuts import render

from .models import Account


def overview(request):
    return render(request, 'overview.html', {'total': Account.objects.aggregate(Sum('balance'))['balance__sum'] or 0})
