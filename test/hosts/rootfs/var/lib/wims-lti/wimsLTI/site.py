
# What this machine changes.
DEBUG = False
SECRET_KEY = '@secret@'
ALLOWED_HOSTS = ['lti.example']
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': 'wims_lti',
        # By its socket, where PostgreSQL asks the kernel who connects: no password.
        'USER': 'lti',
    }
}
