# In place of the package's own, which stops where whitenoise is newer than 4.
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'graphite.settings')

application = get_wsgi_application()
