from django.db import models


class Beacon(models.Model):
    name = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=200)
    enabled = models.BooleanField(default=True)


class Reading(models.Model):
    beacon = models.ForeignKey(Beacon, on_delete=models.CASCADE)
    at = models.DateTimeField(db_index=True)
    milliseconds = models.FloatField()
