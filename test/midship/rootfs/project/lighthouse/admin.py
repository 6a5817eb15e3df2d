from django.contrib import admin

from .models import Beacon, Reading

admin.site.register(Beacon)
admin.site.register(Reading)
