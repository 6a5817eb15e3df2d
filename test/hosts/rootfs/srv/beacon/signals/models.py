from django.db import models


class Signal(models.Model):
    name = models.SlugField(unique=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    chart = models.FileField(upload_to='charts/', blank=True)
