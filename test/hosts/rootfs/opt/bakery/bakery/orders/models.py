from django.db import models


class Cake(models.Model):
    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    picture = models.FileField(upload_to="cakes/", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
