import os

bind = os.environ.get('GUNICORN_BIND', '127.0.0.1:8000')
workers = int(os.environ.get('GUNICORN_WORKERS', '2'))
timeout = int(os.environ.get('GUNICORN_TIMEOUT', '60'))
accesslog = '-'
errorlog = '-'
# A worker that ends while the master writes to its log is lost to gunicorn 23 (a reentrant call in its handler of
# SIGCHLD): the stop then waits this long for it, 30 seconds unless told otherwise.
graceful_timeout = 3
