from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "bakery.users"
    verbose_name = "Users"
