import multiprocessing

bind = '127.0.0.1:8200'
workers = min(2, multiprocessing.cpu_count())
accesslog = None
errorlog = '-'
timeout = 30
