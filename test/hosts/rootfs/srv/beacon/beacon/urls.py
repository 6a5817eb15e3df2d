from django.contrib import admin
from django.urls import path

from signals import views

urlpatterns = [
    path('', views.index, name='index'),
    path('api/signals/', views.listing, name='listing'),
    path('admin/', admin.site.urls),
]
