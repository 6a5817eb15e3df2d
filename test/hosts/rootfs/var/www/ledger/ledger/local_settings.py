# This machine's own; not in version control.
DEBUG = False
SECRET_KEY = '@secret@'
ALLOWED_HOSTS = ['ledger.example', '.ledger.example']
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': 'ledger_production',
        'USER': 'ledger',
        'PASSWORD': '@password-ledger@',
        'HOST': '127.0.0.1',
        'OPTIONS': {'connect_timeout': 5},
    }
}
STATICFILES_STORAGE = 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'
