from django.contrib import admin

from .models import Cake

admin.site.register(Cake)
