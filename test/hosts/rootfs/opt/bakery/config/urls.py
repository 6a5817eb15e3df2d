from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("bakery.orders.urls", namespace="orders")),
    path(settings.ADMIN_URL, admin.site.urls),
]
