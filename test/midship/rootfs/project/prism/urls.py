from django.contrib import admin
from django.contrib.auth import get_user_model
from django.shortcuts import render
from django.urls import include, path

from lighthouse.models import Beacon
from notifications.models import Notification


def home(request):
    return render(
        request,
        'home.html',
        {
            'users': get_user_model().objects.count(),
            'beacons': Beacon.objects.order_by('name'),
            'unread': Notification.objects.filter(read=False).count(),
        },
    )


urlpatterns = [
    path('', home, name='home'),
    path('accounts/', include('django.contrib.auth.urls')),
    path('admin/', admin.site.urls),
]
