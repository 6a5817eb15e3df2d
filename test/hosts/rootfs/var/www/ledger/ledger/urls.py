from apps.accounts import views
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import path

urlpatterns = [
    path('', views.overview),
    path('accounts/login/', LoginView.as_view(template_name='login.html')),
    path('manage/', admin.site.urls),
]
