from django.contrib import admin

from .models import Signal

admin.site.register(Signal)
