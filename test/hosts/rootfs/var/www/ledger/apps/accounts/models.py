from django.db import models


class Account(models.Model):
    number = models.CharField(max_length=20, unique=True)
    balance = models.IntegerField(default=0)
    receipt = models.FileField(upload_to='', blank=True)
