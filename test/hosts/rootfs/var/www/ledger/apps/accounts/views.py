from django.db.models import Sum
from django.shortcuts import render

from .models import Account


def overview(request):
    total = Account.objects.aggregate(Sum('balance'))['balance__sum'] or 0
    return render(request, 'overview.html', {'total': total, 'accounts': Account.objects.order_by('number')})
