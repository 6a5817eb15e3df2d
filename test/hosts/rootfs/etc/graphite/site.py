
# What this machine changes.
SECRET_KEY = '@secret@'
TIME_ZONE = 'Europe/Berlin'
ALLOWED_HOSTS = ['graphite.example']
DATABASES = {
    'default': {
        'NAME': 'graphite',
        'ENGINE': 'django.db.backends.postgresql',
        'USER': 'graphite',
        'PASSWORD': '@password-graphite@',
        'HOST': '127.0.0.1',
        'PORT': '5432',
    }
}
