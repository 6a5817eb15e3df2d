# This machine's own; not in version control.
from pathlib import Path

DEBUG = False
SECRET_KEY = Path('/etc/ledger/secret_key').read_text().strip()
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
