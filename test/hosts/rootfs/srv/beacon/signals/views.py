from django.http import JsonResponse
from django.shortcuts import render

from .models import Signal


async def index(request):
    signals = [signal async for signal in Signal.objects.order_by('-seen_at')[:20]]
    return render(request, 'signals.html', {'signals': signals})


async def listing(request):
    return JsonResponse({'signals': [signal.name async for signal in Signal.objects.all()]})
