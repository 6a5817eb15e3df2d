from django.contrib.auth.models import AbstractUser
from django.db.models import CharField


class User(AbstractUser):
    name = CharField("Name of User", blank=True, max_length=255)
    first_name = None
    last_name = None
