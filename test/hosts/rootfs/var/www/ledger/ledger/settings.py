import os
import pkgutil

BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

DEBUG = True
SECRET_KEY = None
ALLOWED_HOSTS = []

# Every package in apps/ is an application.
_found = [f'apps.{module.name}' for module in pkgutil.iter_modules([os.path.join(BASE_DIR, 'apps')]) if module.ispkg]
_contrib = ['admin', 'auth', 'contenttypes', 'sessions', 'messages', 'staticfiles', 'humanize']
INSTALLED_APPS = [f'django.contrib.{name}' for name in _contrib] + sorted(_found)

MIDDLEWARE = [
    f'django.{name}'
    for name in (
        'middleware.security.SecurityMiddleware',
        'contrib.sessions.middleware.SessionMiddleware',
        'middleware.common.CommonMiddleware',
        'middleware.csrf.CsrfViewMiddleware',
        'contrib.auth.middleware.AuthenticationMiddleware',
        'contrib.messages.middleware.MessageMiddleware',
    )
]

ROOT_URLCONF = 'ledger.urls'
WSGI_APPLICATION = 'ledger.wsgi.application'
TEMPLATES = [
    {
        'BACKEND': 'django.template.backends.django.DjangoTemplates',
        'DIRS': [os.path.join(BASE_DIR, 'templates')],
        'APP_DIRS': True,
        'OPTIONS': {
            'context_processors': [
                'django.template.context_processors.request',
                'django.contrib.auth.context_processors.auth',
                'django.contrib.messages.context_processors.messages',
            ],
        },
    },
]

DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(BASE_DIR, 'dev.sqlite3')}}

STATIC_URL = '/static/'
STATICFILES_DIRS = [os.path.join(BASE_DIR, 'assets')]
STATIC_ROOT = os.path.join(BASE_DIR, 'collected')
MEDIA_URL = '/receipts/'
MEDIA_ROOT = os.path.join(BASE_DIR, 'receipts')

USE_TZ = True
DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'

try:
    from .local_settings import *  # noqa: F401, F403
except ImportError:
    pass
