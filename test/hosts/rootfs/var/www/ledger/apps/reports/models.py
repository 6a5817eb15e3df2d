from django.db import models


class Report(models.Model):
    account = models.ForeignKey('accounts.Account', on_delete=models.CASCADE)
    created = models.DateField(auto_now_add=True)
