# Asks Django what it knows, as a new start of the unit would see it. prism-doctor sends this to the interpreter that
# the unit names, on standard input, behind a line that assigns PARAMETERS (JSON). It answers with one JSON document,
# on one line, behind the fence that the parameters hold. It opens no connection, configures no logging unless it is
# asked to start the application, and writes nothing.
import _thread
import errno
import importlib
import importlib.util
import json
import os
import re
import stat
import sys
import time

P = json.loads(PARAMETERS)  # noqa: F821
OUT = os.dup(1)
# What the application prints goes nowhere: only what stands behind the fence is the answer.
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
BEGAN = time.time()
# As they are before a server of greenlets has put its own in their place.
START_THREAD, SLEEP = _thread.start_new_thread, time.sleep

answer = {
    'python': '%d.%d.%d' % sys.version_info[:3],
    'executable': sys.executable,
    'django': None,
    'djangoPath': None,
    'placeholder': P['placeholder'],
    'module': None,
    'file': None,
    'server': None,
    'failures': [],
    'missing': [],
    'swallowed': [],
    'secretKey': None,
    'read': [],
    'unset': [],
    'files': [],
    'denied': [],
    'absent': [],
    'settings': {},
    'overridden': [],
    'places': {},
    'databases': {},
    'libpq': None,
    'caches': {},
    'channelLayers': {},
    'logFiles': [],
    'apps': None,
    'migrations': None,
    'static': None,
    'media': None,
    'deploy': None,
    'picture': None,
    'start': None,
    'tookMs': 0,
    'secrets': {},
}
secrets = answer['secrets']


def send():
    watching[0] = False
    try:
        answer['files'] = answer['files'] or files_read()
        collect_environment()
    except BaseException:
        pass
    answer['read'] = sorted(name for name in lookups if isinstance(name, str))
    answer['unset'] = sorted(name for name, found in lookups.items() if not found and isinstance(name, str))
    answer['absent'] = [path for path in dict.fromkeys(os.path.abspath(path) for path in opened)
                        if re.search(r'(^|[./_-])env$', path, re.I) and not os.path.exists(path)
                        and path not in answer['files']][:5]
    answer['denied'] = [path for path in answer['files'] if not os.access(path, os.R_OK)]
    answer['tookMs'] = int((time.time() - BEGAN) * 1000)
    document = json.dumps(answer, default=str)
    if len(document) > P['limit'] and answer['static']:
        # The directories are enough to list the files again.
        for source in answer['static']['sources']:
            source['names'] = None
        document = json.dumps(answer, default=str)
    data = ('\n' + P['fence'] + document + '\n').encode('ascii')
    while data:
        data = data[os.write(OUT, data):]
    os._exit(0)


# --- What the settings read: names of the environment, and files.

lookups = {}
opened = []
executed = []
attempted = {}
watching = [False]
# Names that somebody passes on the way through all of them: to copy the environment is not to look for one. dict()
# lists the names first, and then asks for each in the same order.
passing = []
environ_get = type(os.environ).__getitem__
environ_iter = type(os.environ).__iter__


def tracked(self, name):
    try:
        value = environ_get(self, name)
    except KeyError:
        if watching[0]:
            lookups[name] = False
        raise
    if watching[0]:
        if passing and name == passing[0]:
            passing.pop(0)
        else:
            del passing[:]
            lookups[name] = True
    return value


def passed(self):
    names = list(environ_iter(self))
    passing[:] = names
    return iter(names)


type(os.environ).__getitem__ = tracked
type(os.environ).__iter__ = passed


def audit(event, args):
    if not watching[0]:
        return
    if event == 'open' and isinstance(args[0], str):
        opened.append(args[0])
        del opened[:-2000]
    elif event == 'import' and isinstance(args[0], str):
        attempted[args[0]] = True
    elif event == 'exec' and hasattr(args[0], 'co_names'):
        executed.append((args[0], opened[-1] if opened else None))


if hasattr(sys, 'addaudithook'):
    sys.addaudithook(audit)


def files_read():
    """Regular files that are no Python, that were opened while the settings were imported: .env, a key file."""
    found = []
    for path in opened:
        path = os.path.abspath(path)
        if path in found or re.search(r'\.(py|pyc|so|pth|zip|egg-link)$|^/(proc|sys|dev)/', path):
            continue
        if re.search(r'/(site|dist)-packages/|^/usr/(lib|share/zoneinfo)|^/etc/(ssl|localtime|mime\.types)', path):
            continue
        try:
            if stat.S_ISREG(os.stat(path).st_mode):
                found.append(path)
        except OSError as error:
            # Behind a directory that does not let the user pass.
            if error.errno == errno.EACCES:
                found.append(path)
    return found[:20]


# --- Exceptions.

LIBRARY = re.compile(r'/(site|dist)-packages/|/lib/python3|^<|/importlib/')
# Where the project lies, when it was installed among the libraries.
own_directories = []


def edited(path):
    """Packages link from where they are imported to what an administrator edits, in /etc: that is the file to name."""
    try:
        real = os.path.realpath(path)
    except Exception:
        return path
    return real if real.startswith('/etc/') else path


def is_own(path):
    return not LIBRARY.search(path) or any(path.startswith(own) for own in own_directories)


def own_package(module):
    """Counts the package that the settings or the entry belong to as the project's own, wherever it lies."""
    try:
        spec = importlib.util.find_spec(module.split(':')[0].split('.')[0])
        for place in (spec.submodule_search_locations or []) if spec else []:
            own_directories.append(os.path.abspath(place) + '/')
    except Exception:
        pass


def frames_of(error):
    frames = []
    trace = error.__traceback__
    while trace is not None and len(frames) < 400:
        code = trace.tb_frame.f_code
        if code.co_filename not in ('<stdin>',) and 'frozen' not in code.co_filename:
            frames.append({'file': code.co_filename, 'line': trace.tb_lineno, 'function': code.co_name,
                           'module': trace.tb_frame.f_globals.get('__name__')})
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        frames.append({'file': error.filename, 'line': error.lineno or 0, 'function': '<module>'})
    return frames


def template_of(error):
    """The template and line that was being rendered: nodes know both."""
    found = None
    base = sys.modules.get('django.template.base')
    trace = error.__traceback__ if base is not None else None
    while trace is not None:
        node = trace.tb_frame.f_locals.get('self')
        # Nothing is asked of an object that is no node: isinstance() alone makes the lazy settings import them again.
        if not issubclass(type(node), base.Node):
            trace = trace.tb_next
            continue
        token = getattr(node, 'token', None)
        origin = getattr(getattr(node, 'origin', None), 'name', None)
        if token is not None and isinstance(origin, str):
            found = {'file': origin, 'line': getattr(token, 'lineno', 0) or 0}
        trace = trace.tb_next
    return found


def chain_of(error):
    """The chain of an exception, its first cause first."""
    links = []
    seen = set()
    while error is not None and id(error) not in seen and len(links) < 8:
        seen.add(id(error))
        links.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    described = []
    for each in reversed(links):
        collect_from(each)
        frames = frames_of(each)
        own = [frame for frame in frames if is_own(frame['file'])]
        place = own[-1] if own else (frames[-1] if frames else None)
        imported = [frame.get('module') for frame in own if frame['function'] == '<module>']
        for frame in frames:
            frame['file'] = edited(frame['file'])
            frame.pop('module', None)
        described.append({
            'type': type(each).__name__,
            'message': text_of(each),
            'place': place,
            'last': frames[-1] if frames else None,
            'own': bool(own),
            'module': imported[-1] if imported and isinstance(imported[-1], str) else None,
            'template': template_of(each),
            'name': getattr(each, 'name', None) if isinstance(each, ImportError) else None,
            'errno': each.errno if isinstance(each, OSError) else None,
            'filename': edited(str(each.filename)) if isinstance(each, OSError) and each.filename else None,
            'refused': refused_module(each) if isinstance(each, ImportError) else None,
        })
    return described


def refused_module(error):
    """Where a module is looked for and this user may not look: Python takes that for a module that is missing."""
    parts = str(getattr(error, 'name', None) or '').split('.')
    # A directory that is closed is not put into sys.path.
    own = os.path.join(sys.prefix, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
    for place in [own] + list(sys.path)[:50]:
        here = os.path.abspath(place or '.')
        for part in [''] + parts:
            here = os.path.join(here, part) if part else here
            found = closed(here, os.R_OK | os.X_OK)
            if found is None and part:
                found = closed(here + '.py', os.R_OK) or closed(os.path.join(here, '__init__.py'), os.R_OK)
            if found or not os.path.isdir(here):
                break
        if found:
            return found
    return None


def closed(path, mode):
    """A path that is there and closed to this user; None where it is open, or nothing is known of it."""
    try:
        os.stat(path)
    except OSError as error:
        return path if error.errno == errno.EACCES else None
    return None if os.access(path, mode) else path


def short(value, most=2000):
    """Cut before a word: a part of a secret is not recognised as one."""
    text = str(value)
    return text if len(text) <= most else re.sub(r'\S+$', '', text[:most])


def text_of(error):
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)
        if isinstance(error, KeyError) and error.args:
            return short(error.args[0])
        if type(error).__module__.startswith('pydantic') and callable(getattr(error, 'errors', None)):
            # Its own words quote what it was given.
            wrong = [('.'.join(str(part) for part in each['loc']), each['msg']) for each in error.errors()]
            return short('; '.join('%s: %s' % pair if pair[0] else pair[1] for pair in wrong))
        # A password with "/" or "#" in a URL stands where its port is looked for.
        return re.sub(r'^(Port could not be cast to integer value as ).*', r'\1...', short(error), flags=re.S)
    except Exception:
        return ''


def fail(stage, error):
    try:
        chain = chain_of(error)
    except BaseException:
        chain = [{'type': type(error).__name__, 'message': '', 'place': None, 'own': False, 'template': None,
                  'name': None, 'errno': None, 'filename': None}]
    # An application that INSTALLED_APPS names and that is not there: no frame is the project's own, and the name is.
    listed = answer['places'].get('INSTALLED_APPS')
    if listed and not any(each['own'] for each in chain):
        try:
            if any('/django/apps/' in frame['file'] for frame in frames_of(error)):
                chain[-1].update(place=listed, own=True)
        except Exception:
            pass
    answer['failures'].append({'stage': stage, 'chain': chain})


def missing_in(error):
    """The variable for want of which this was raised: it was looked for, is not there, and the words name it."""
    words = ' '.join(text_of(link) for link in links_of(error))
    named = [name for name, found in lookups.items() if not found and isinstance(name, str) and name not in tried]
    for name in reversed(named):
        if re.search(r'(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])' % re.escape(name), words):
            return name
    for name in reversed(named):
        # "The SECRET_KEY setting must not be empty", where DJANGO_SECRET_KEY was looked for.
        for word in re.findall(r'[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+', words):
            if name.endswith('_' + word):
                return name
    return None


def links_of(error):
    links = []
    while error is not None and error not in links and len(links) < 8:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links


# --- The way to the settings, as the server goes it.

class Reached(BaseException):
    """The entry has come to Django's own part: what it set is set."""


def reached(*_, **__):
    raise Reached()


class Stub(object):
    """A module of Django's in whose place its functions only say that they were reached."""

    def __init__(self, name, *functions):
        self.name, self.functions = name, functions

    def __enter__(self):
        import types
        parent, _, self.leaf = self.name.rpartition('.')
        self.parent = importlib.import_module(parent)
        self.kept = sys.modules.get(self.name)
        module = types.ModuleType(self.name)
        for function in self.functions:
            setattr(module, function, reached)
        # "import django.core.wsgi" finds it by its parent.
        sys.modules[self.name] = module
        setattr(self.parent, self.leaf, module)

    def __exit__(self, *_):
        # Whoever took the function from here (configurations.wsgi) is to take Django's own the next time.
        for name, module in list(sys.modules.items()):
            if self.holds(module):
                sys.modules.pop(name, None)
        sys.modules.pop(self.name, None)
        if self.kept is not None:
            sys.modules[self.name] = self.kept
            setattr(self.parent, self.leaf, self.kept)
        elif hasattr(self.parent, self.leaf):
            delattr(self.parent, self.leaf)

    def holds(self, module):
        is_module = issubclass(type(module), type(sys)) and module is not sys.modules['__main__']
        return is_module and any(module.__dict__.get(name) is reached for name in self.functions)


def import_entry(entry):
    if entry.get('file'):
        from importlib.machinery import SourceFileLoader
        # Whatever it is called: graphite.wsgi is Python as well.
        loader = SourceFileLoader('uwsgi_file_entry', entry['file'])
        spec = importlib.util.spec_from_file_location('uwsgi_file_entry', entry['file'], loader=loader)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    name = entry['module'].split(':')[0]
    if name.endswith('.py') and os.path.isfile(name):
        return import_entry({'file': os.path.abspath(name)})
    return importlib.import_module(name)


def state_module():
    """Sets DJANGO_SETTINGS_MODULE as wsgi.py, asgi.py or manage.py would, and runs nothing of Django."""
    if P.get('entry'):
        import django
        setup, django.setup = django.setup, reached
        try:
            with Stub('django.core.wsgi', 'get_wsgi_application'), Stub('django.core.asgi', 'get_asgi_application'):
                import_entry(P['entry'])
        except Reached:
            pass
        finally:
            django.setup = setup
            # What was cut short did not fail: to import it again would start the whole application.
            for name in [name for name in attempted if name not in sys.modules]:
                del attempted[name]
    elif not os.environ.get('DJANGO_SETTINGS_MODULE') and P.get('manage'):
        import runpy
        with Stub('django.core.management', 'execute_from_command_line', 'call_command'):
            try:
                runpy.run_path(P['manage'], run_name='__main__')
            except Reached:
                pass


tried = {}
# What a missing variable may have to look like: words, a number, an address.
CANDIDATES = [P['placeholder'], P['number'], 'postgres://{0}:{0}@{0}:5432/{0}'.format(P['placeholder']), 'True']


def attempt(stage, step):
    """Takes a step of the start; names every variable that it lacks, and goes on as if it were there."""
    last = None
    lacking = None
    for _ in range(60):
        try:
            return step()
        except Reached:
            return None
        except BaseException as error:
            if isinstance(error, ImportError) and getattr(error, 'name', None) == 'uwsgi' and P.get('server') == 'uwsgi':
                # Only uWSGI itself has the module.
                import types
                sys.modules['uwsgi'] = types.ModuleType('uwsgi')
                continue
            name = missing_in(error)
            if name is None and last is not None and tried[last] + 1 < len(CANDIDATES):
                tried[last] += 1
                os.environ[last] = CANDIDATES[tried[last]]
                continue
            if name is None:
                if last is not None:
                    # Nothing that was tried is taken; what was said of the variable itself counts.
                    fail(stage, lacking)
                else:
                    fail(stage, error)
                raise
            link = chain_of(error)
            own = [each['place'] for each in link if each['own']]
            answer['missing'].append({'name': name, 'place': own[-1] if own else None, 'chain': link})
            last, lacking = name, error
            tried[name] = 0
            os.environ[name] = CANDIDATES[0]
    raise RuntimeError('the settings lack more variables than can be named')


# --- gunicorn's own reading of its command line and of gunicorn.conf.py.

temporary_elsewhere = []


def ask_gunicorn():
    from gunicorn.app.wsgiapp import WSGIApplication
    kept, sys.argv = sys.argv, list(P['argv'])
    try:
        app = WSGIApplication.__new__(WSGIApplication)
        app.usage, app.cfg, app.callable, app.prog, app.logger = '%(prog)s [OPTIONS] [APP_MODULE]', None, None, None, None
        app.app_uri = None
        app.load_default_config()
        app.load_config()
    finally:
        sys.argv = kept
    if getattr(app.cfg, 'worker_tmp_dir', None):
        temporary_elsewhere.append(app.cfg.worker_tmp_dir)
    binds = []
    for address in app.cfg.address:
        binds.append({'host': address[0], 'port': address[1]} if isinstance(address, tuple) else {'path': str(address)})
    become(getattr(app.cfg, 'uid', 0), getattr(app.cfg, 'gid', 0))
    from gunicorn import config
    config_file = app.cfg.settings['config'].get()
    for name, value in dict(app.cfg.env).items():
        os.environ.setdefault(name, value)
    for path in (app.cfg.pythonpath or '').split(','):
        if path and path not in sys.path:
            sys.path.insert(0, os.path.abspath(path))
    answer['server'] = {
        'files': gunicorn_files(app.cfg),
        'binds': binds,
        'stated': bool(app.cfg.settings['bind'].get() != config.Bind.default),
        'entry': app.app_uri,
        'directory': app.cfg.chdir,
        'config': config_file if config_file and os.path.exists(re.sub('^file:', '', config_file)) else None,
        'workers': getattr(app.cfg, 'workers', None),
        'daemon': bool(getattr(app.cfg, 'daemon', False)),
        'pidFile': getattr(app.cfg, 'pidfile', None),
    }
    if app.app_uri and not P.get('entry'):
        P['entry'] = {'module': app.app_uri}


def gunicorn_files(cfg):
    """What the master opens itself; "-" is its standard output."""
    needs = [('certfile', 'read'), ('keyfile', 'read'), ('ca_certs', 'read'), ('logconfig', 'read'),
             ('accesslog', 'write'), ('errorlog', 'write'), ('pidfile', 'write'), ('worker_tmp_dir', 'write')]
    found = [(name, getattr(cfg, name, None), need) for name, need in needs]
    return [{'setting': name, 'path': os.path.abspath(path), 'need': need}
            for name, path, need in found if isinstance(path, str) and path not in ('', '-')]


def become(uid, gid):
    """What gunicorn's configuration says of its workers: they import the application, and are no longer root."""
    if os.geteuid() != 0 or not uid:
        return
    import pwd
    try:
        user = pwd.getpwuid(uid)
        gid = gid or user.pw_gid
        os.initgroups(user.pw_name, gid)
        os.setgid(gid)
        os.setuid(uid)
    except Exception as error:
        raise NotBecome(str(error))


class NotBecome(Exception):
    """As root nothing of the application is imported."""


# --- What the settings go on without: "try: from .local import *; except ImportError: pass".

def swallowed_failures(settings_file):
    beside = os.path.dirname(os.path.abspath(settings_file or '/'))
    for name in list(attempted)[-2000:]:
        if name in sys.modules or len(answer['swallowed']) >= 3:
            continue
        try:
            spec = importlib.util.find_spec(name)
        except Exception:
            continue
        origin = getattr(spec, 'origin', None)
        if not origin or not (os.path.dirname(origin) == beside or (is_own(origin) and 'settings' in name)):
            continue
        try:
            importlib.import_module(name)
        except Exception as error:
            answer['swallowed'].append({'module': name, 'chain': chain_of(error)})


# --- Where a setting is made.

def stores(code, name, final, seen):
    """The last place of a module's code, and of what it imports from others, that gives a setting its value."""
    import dis
    if id(code) in seen:
        return None
    seen.add(id(code))
    found = None
    imported = None
    taken = None
    own = 0
    line = code.co_firstlineno
    for step in dis.get_instructions(code):
        at = getattr(step, 'starts_line', None)
        if at is not None and at is not False and at is not True:
            line = at
        if getattr(step, 'line_number', None):
            line = step.line_number
        if step.opname == 'IMPORT_NAME':
            imported = step.argval
        elif step.opname == 'IMPORT_STAR' or (step.opname == 'CALL_INTRINSIC_1' and step.arg == 2):
            found = stored_by(imported, name, final, seen) or found
        elif step.opname == 'IMPORT_FROM':
            taken = step.argval
            continue
        elif step.opname in ('STORE_NAME', 'STORE_GLOBAL') and step.argval == name:
            there = stored_by(imported, taken, final, seen) if taken else None
            if there:
                found = there
            elif not (taken and found):
                # Of several branches nobody knows which was taken.
                found = {'file': code.co_filename, 'line': line if own == 0 else None}
                own += 1
        taken = None
    return found


def stored_by(imported, name, final, seen):
    """Where a module that was imported gives a name the value that the settings have."""
    found = None
    for module in list(sys.modules.values()):
        full = getattr(module, '__name__', None)
        values = getattr(module, '__dict__', None)
        if not full or not values or not (imported and (full == imported or full.endswith('.' + imported))):
            continue
        if name in values and (values[name] is final or values[name] == final):
            for other, path in executed:
                if other.co_filename == getattr(module, '__file__', None):
                    found = stores(other, name, final, seen) or found
    return found


def place_of(name, settings_file):
    from django.conf import settings
    final = getattr(settings, name, None)
    for code, path in executed:
        if code.co_filename == settings_file and code.co_name == '<module>':
            found = stores(code, name, final, set())
            if found:
                return found
    # What was read and executed by hand: exec(open(…).read()), split_settings.
    for code, path in reversed(executed):
        if name in code.co_names and code.co_name == '<module>' and not LIBRARY.search(path or ''):
            found = stores(code, name, final, set())
            if found:
                if found['file'].startswith('<'):
                    if not path:
                        continue
                    found['file'] = path
                return found
    return None


# --- Facts.

PLAIN = '''DEBUG ALLOWED_HOSTS STATIC_ROOT STATIC_URL MEDIA_ROOT MEDIA_URL MIDDLEWARE LOGIN_URL ROOT_URLCONF
WSGI_APPLICATION ASGI_APPLICATION AUTH_USER_MODEL AUTHENTICATION_BACKENDS DATABASE_ROUTERS SESSION_ENGINE
SESSION_COOKIE_SECURE SESSION_COOKIE_NAME SESSION_COOKIE_DOMAIN CSRF_COOKIE_SECURE CSRF_TRUSTED_ORIGINS
SECURE_SSL_REDIRECT SECURE_PROXY_SSL_HEADER USE_X_FORWARDED_HOST FORCE_SCRIPT_NAME WHITENOISE_USE_FINDERS
WHITENOISE_AUTOREFRESH WHITENOISE_ROOT TIME_ZONE CELERY_BROKER_URL BROKER_URL EMAIL_FILE_PATH SESSION_FILE_PATH
FILE_UPLOAD_TEMP_DIR STATICFILES_STORAGE DEFAULT_FILE_STORAGE SILENCED_SYSTEM_CHECKS'''.split()

SECRET = re.compile('API|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|DSN|JWT|SALT|PEPPER|PRIVATE|CREDENTIAL|WEBHOOK|'
                    'AUTHORIZATION|SESSION_?ID|CONNECTION_STRING|(?<=[A-Z_])(?<!OLD)PWD|(^|_)(AUTH|PAT|PIN|OTP|SEED|HMAC|BEARER)$', re.I)
# What nobody would write as a word, whatever it is called.
RANDOM = re.compile(r'(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_+=~-]{20,200}$')


def plain(value, depth=0):
    if is_lazy(value):
        return None
    if isinstance(value, float) and value - value != 0:
        # JSON has no infinity.
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)) and depth < 4:
        return [plain(each, depth + 1) for each in list(value)[:500]]
    if isinstance(value, dict) and depth < 4:
        return {str(key): plain(each, depth + 1) for key, each in list(value.items())[:200]}
    return str(value)[:4096]


def is_lazy(value):
    """reverse_lazy() and the like: to know their value is to import the URLs, and all the models behind them."""
    functional = sys.modules.get('django.utils.functional')
    return functional is not None and issubclass(type(value), (functional.Promise, functional.LazyObject))


# Settings with such a word that hold no secret, but a name, a place or a class.
NO_SECRET = re.compile(
    '(_(NAME|AGE|PATH|DIR|ROOT|FILE|HEADER|VALIDATORS?|BACKENDS?|SAMESITE|DOMAIN|PREFIX|FUNCTION|MODEL|CLASS(ES)?|'
    'SERIALIZER|FORM|VIEW|FIELD|CLAIM|TYPES?|VERSION|ALGORITHM|LIFETIME)|HASHERS)$', re.I)


def collect_secrets(name, value, depth=0, called=None):
    """Every value that must never be shown; it travels here and nowhere else. What a list holds is called as the list."""
    if depth > 4 or len(secrets) >= 300 or is_lazy(value):
        return
    called = called or name
    if isinstance(value, dict):
        for key, each in value.items():
            of_all = re.search('(KEYS|TOKENS|SECRETS|PASSWORDS|CREDENTIALS)$', called, re.I)
            collect_secrets('%s.%s' % (name, key), each, depth + 1, called if of_all else str(key))
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value[:50]):
            collect_secrets('%s.%d' % (name, index), each, depth + 1, called)
    elif isinstance(value, (str, bytes)) and value:
        text = value.decode('latin1') if isinstance(value, bytes) else str(value)
        named = SECRET.search(called) and not NO_SECRET.search(called)
        if (named or RANDOM.match(text)) and text not in CANDIDATES:
            secrets[name] = text[:65536]


def collect_from(error):
    """What the application's modules had by then: an exception may quote a value that stands in no environment."""
    trace = error.__traceback__
    seen = set()
    while trace is not None:
        of_module = trace.tb_frame.f_globals
        if is_own(trace.tb_frame.f_code.co_filename) and id(of_module) not in seen:
            seen.add(id(of_module))
            for name, value in list(of_module.items()):
                if name.isupper():
                    collect_secrets(name, value)
        trace = trace.tb_next


def collect_environment():
    """What a .env file or a script added to the environment of the unit."""
    for name in environ_iter(os.environ):
        value = environ_get(os.environ, name)
        named = SECRET.search(name) and not NO_SECRET.search(name)
        # Of those that only look like it, whoever receives them knows which are public.
        if (named or re.match(r'(?!/)(?=.*[0-9])(?=.*[A-Za-z])\S{8,}$|.*://[^/]*:.*@', value)) and value not in CANDIDATES:
            secrets.setdefault('environment.%s' % name, value[:65536])


def settings_facts(settings):
    for name in PLAIN:
        if hasattr(settings, name):
            answer['settings'][name] = plain(getattr(settings, name))
            if settings.is_overridden(name):
                answer['overridden'].append(name)
    wrapped = getattr(settings, '_wrapped', settings)
    for name in dir(wrapped):
        if name.isupper() and name != 'SECRET_KEY':
            try:
                collect_secrets(name, getattr(wrapped, name))
            except Exception:
                pass
    secret_key_facts(settings)
    database_facts(settings)
    cache_facts(settings)
    logging = getattr(settings, 'LOGGING', None) or {}
    for name, handler in dict(logging.get('handlers') or {}).items():
        if isinstance(handler, dict) and handler.get('filename'):
            answer['logFiles'].append({'handler': str(name), 'path': os.path.abspath(str(handler['filename']))})


def secret_key_facts(settings):
    try:
        key = settings.SECRET_KEY
        text = key.decode('latin1') if isinstance(key, bytes) else str(key)
        secrets['SECRET_KEY'] = text
        answer['secretKey'] = {'length': len(text), 'empty': not key, 'different': len(set(text)),
                               'insecure': text.startswith('django-insecure-')}
    except Exception as error:
        answer['secretKey'] = {'length': 0, 'empty': True, 'message': text_of(error)}


def database_facts(settings):
    for alias, values in dict(getattr(settings, 'DATABASES', None) or {}).items():
        options = dict(values.get('OPTIONS') or {})
        secrets['DATABASES.%s.PASSWORD' % alias] = str(values.get('PASSWORD') or '')
        if options.get('password'):
            secrets['DATABASES.%s.PASSWORD' % alias] = str(options.pop('password'))
        answer['databases'][str(alias)] = {
            'engine': str(values.get('ENGINE') or ''),
            'name': str(values.get('NAME') or ''),
            'user': str(values.get('USER') or ''),
            'host': str(values.get('HOST') or ''),
            'port': str(values.get('PORT') or ''),
            'options': {str(key): plain(value) for key, value in options.items()},
            # None keeps a connection for ever; what is not set keeps none.
            'connMaxAge': 'forever' if values.get('CONN_MAX_AGE', 0) is None else plain(values.get('CONN_MAX_AGE', 0)),
        }


# --- What libpq makes of it: the driver's own library is asked, and stops before it opens a connection.

# libpq completes what it is told (service, variables, password file), and then refuses this.
STOP = {'target_session_attrs': 'prism-doctor-stops-here'}


def libpq_facts(settings):
    """How libpq completes what the settings say, where a service or a password file may say more than they."""
    try:
        values = dict(dict(settings.DATABASES).get('default') or {})
        engine = str(values.get('ENGINE') or '')
        named = named_passfile(values)
        # Those made of Django's own may make the password themselves.
        foreign = not engine.startswith('django.') and not has_password(values)
        if not re.search('postg(res|is)|psql|psycopg', engine, re.I) or (named is None and not foreign):
            return
        from django.db import connections
        wrapper = connections['default']
        if not (getattr(type(wrapper).get_connection_params, '__module__', None) or '').startswith('django.'):
            answer['libpq'] = {'unasked': 'own backend'}
            return
        if named is None:
            return
        words = dict(wrapper.get_connection_params())
        if 'database' in words:
            words['dbname'] = words.pop('database')
        if any(is_placeheld(each) for each in [*words.values(), os.environ.get('PGSERVICE'), os.environ.get('PGPASSFILE')]):
            return
        service = words.get('service') or os.environ.get('PGSERVICE') or None
        known, host, password, said = ask_libpq(dict(words, **STOP))
        failure = None if STOP['target_session_attrs'] in said else said.strip() or None
        if password and not secrets.get('DATABASES.default.PASSWORD'):
            secrets['libpq.password'] = password
        wanted = (wanted_host(known), known.get('port') or '5432',
                  known.get('dbname'), known.get('user'))
        passfile = known.get('passfile') if not known.get('password') else None
        answer['libpq'] = {
            'host': host,
            'several': any(',' in (known.get(each) or '') for each in ('host', 'hostaddr', 'port'))
                       or bool(known.get('host') and known.get('hostaddr')),
            'port': known.get('port') or '5432',
            'name': known.get('dbname') or '',
            'user': known.get('user') or '',
            'sslmode': known.get('sslmode') or None,
            'options': known.get('options') or None,
            'service': service and {'name': str(service), 'file': service_file(str(service), failure)},
            'passfile': passfile_facts(passfile, named, wanted, bool(password)) if passfile else None,
            'failure': failure,
        }
    except BaseException as error:
        answer['libpq'] = {'unasked': type(error).__name__}


def wanted_host(known):
    """What a line has to name: "localhost" stands for libpq's own directory of sockets, too, by whatever name."""
    host = known.get('host') or known.get('hostaddr') or 'localhost'
    # Of two hosts without a name the first is libpq's own, whatever PGHOST says.
    own = host.startswith('/') and ask_libpq(dict(STOP, host=',', dbname='x', user='x', password='x'))[1] == host
    return 'localhost' if own else host


def is_placeheld(value):
    """Where a variable is missing libpq would speak of what was put in its place."""
    return P['placeholder'] in str(value) or P['number'] in str(value)


def named_passfile(values):
    """Whether a password file is named; None where libpq knows no more than the settings, and the driver is spared."""
    options = dict(values.get('OPTIONS') or {})
    named = bool(options.get('passfile') or os.environ.get('PGPASSFILE'))
    if options.get('service') or os.environ.get('PGSERVICE'):
        return named
    if has_password(values):
        return None
    if named or os.environ.get('PGPASSWORD') or any(os.path.lexists(home + '/.pgpass') or closed_home(home) for home in homes()):
        return named
    return None


def has_password(values):
    return bool(values.get('PASSWORD') or dict(values.get('OPTIONS') or {}).get('password'))


def homes():
    """libpq 15 and later follow HOME, earlier ones only the user database."""
    found = [os.environ.get('HOME')]
    try:
        import pwd
        found.append(pwd.getpwuid(os.geteuid()).pw_dir)
    except (ImportError, KeyError):
        pass
    return [home for home in dict.fromkeys(found) if home]


def closed_home(home):
    """Whether something may lie there that this process does not see: ProtectHome= empties or closes these."""
    try:
        os.stat(home)
    except OSError as error:
        return error.errno == errno.EACCES or bool(re.match('/(home|root|run/user)(/|$)', home))
    return not os.access(home, os.X_OK)


def ask_libpq(words):
    """The options as libpq completes them, its host, its password, and why it stopped."""
    words = {key: str(value) for key, value in words.items() if value is not None}
    driver = sys.modules['django.db'].connections['default'].Database
    return ask_psycopg(words) if driver.__name__ == 'psycopg' else ask_psycopg2(driver, words)


def must_stop(known):
    """libpq < 10 does not know the word that it stops at, and would connect."""
    if not all(word in known for word in STOP):
        raise NotImplementedError


def ask_psycopg(words):
    from psycopg import pq
    from psycopg.conninfo import make_conninfo
    known = [option.keyword.decode() for option in pq.Conninfo.get_defaults()]
    must_stop(known)
    connection = pq.PGconn.connect_start(make_conninfo(**{key: words[key] for key in known if key in words}).encode())
    try:
        found = {option.keyword.decode(): option.val.decode('utf-8', 'replace') for option in connection.info if option.val}
        return tuple([found] + [told.decode('utf-8', 'replace') for told in
                                (connection.host, connection.password, connection.error_message)])
    finally:
        connection.finish()


def ask_psycopg2(driver, words):
    """psycopg2 has no such function, and what it is linked with has."""
    import ctypes
    text = ctypes.c_char_p

    class Option(ctypes.Structure):
        _fields_ = [(name, text) for name in ('keyword', 'envvar', 'compiled', 'val', 'label', 'dispchar')]
        _fields_ += [('dispsize', ctypes.c_int)]

    library = ctypes.CDLL(driver._psycopg.__file__)

    def function(name, result, *types):
        found = getattr(library, name)
        found.restype, found.argtypes = result, types
        return found

    def options(pointer):
        """Up to the one without a keyword (libpq, PQconndefaults)."""
        found = {}
        for option in pointer or ():
            if not option.keyword:
                break
            found[option.keyword.decode()] = (option.val or b'').decode('utf-8', 'replace')
        function('PQconninfoFree', None, ctypes.c_void_p)(ctypes.cast(pointer, ctypes.c_void_p))
        return found

    known = options(function('PQconndefaults', ctypes.POINTER(Option))())
    must_stop(known)
    given = [(key.encode(), value.encode()) for key, value in words.items() if key in known] + [(None, None)]
    array = text * len(given)
    start = function('PQconnectStartParams', ctypes.c_void_p, ctypes.POINTER(text), ctypes.POINTER(text), ctypes.c_int)
    connection = start(array(*[key for key, _ in given]), array(*[value for _, value in given]), 0)
    try:
        found = options(function('PQconninfo', ctypes.POINTER(Option), ctypes.c_void_p)(connection))
        told = [function(name, text, ctypes.c_void_p)(connection) for name in ('PQhost', 'PQpass', 'PQerrorMessage')]
        return tuple([found] + [(each or b'').decode('utf-8', 'replace') for each in told])
    finally:
        function('PQfinish', None, ctypes.c_void_p)(connection)


def service_file(name, failure):
    """Where libpq finds a service (libpq, "The Connection Service File"), or looks for it in vain; None where unknown."""
    own = os.environ.get('PGSERVICEFILE')
    places = [own] if own else [home + '/.pg_service.conf' for home in homes()]
    system = os.environ.get('PGSYSCONFDIR')
    if system:
        places.append(system + '/pg_service.conf')
    if failure:
        # Which directory of the system it reads was compiled in, and a file that has the section is not read.
        return next((os.path.abspath(place) for place in places
                     if place in failure or ((own or os.path.exists(place)) and not defines(place, name))), None)
    if not system:
        places += [directory + '/pg_service.conf' for directory in ('/etc/postgresql-common', '/etc/postgresql', '/etc')]
    return next((os.path.abspath(place) for place in places if defines(place, name)), None)


def defines(place, name):
    try:
        with open(place, errors='replace') as file:
            return any(line.strip() == '[%s]' % name for line in file)
    except OSError:
        return False


def passfile_facts(path, named, wanted, is_found):
    """What libpq finds there, and the line that comes nearest to what is wanted; no text of it, which may be a secret."""
    facts = {'path': os.path.abspath(path), 'named': named, 'state': 'missing', 'access': None, 'changed': None,
             'wanted': wanted[0], 'line': None, 'differs': []}
    try:
        found = os.stat(path)
        facts['access'] = {'mode': stat.S_IMODE(found.st_mode), 'uid': found.st_uid, 'gid': found.st_gid}
        facts['changed'] = int(found.st_ctime * 1000)
        if not stat.S_ISREG(found.st_mode):
            facts['state'] = 'irregular'
            return facts
        with open(path, 'rb') as file:
            lines = file.read(1 << 20).decode('utf-8', 'replace').split('\n')
        facts['state'] = 'open' if found.st_mode & 0o077 else 'read'
        line, differs = nearest_line(lines, wanted)
        # Where libpq found a password in another line than we would, nobody knows in which.
        if not (is_found and differs):
            facts['line'], facts['differs'] = line, differs
    except OSError as error:
        facts['state'] = 'missing' if error.errno in (errno.ENOENT, errno.ENOTDIR) else 'denied'
    return facts


def nearest_line(lines, wanted):
    """Its number, and the fields that are not for this connection; no number where there is no line at all."""
    parts = ('host', 'port', 'database', 'user')
    found = (None, [])
    for number, line in enumerate(lines, 1):
        line = line.rstrip('\r')
        if not line or line.startswith('#'):
            continue
        match = re.match(r'((?:[^:\\]|\\.)*):' * 4, line)
        # Somebody who leaves a field out may have written the password in its place.
        differs = ['form']
        if match:
            fields = [re.sub(r'\\(.)', r'\1', field) for field in match.groups()]
            differs = [part for part, field, value in zip(parts, fields, wanted) if field not in ('*', value)]
        if found[0] is None or found[1] == ['form'] or (match and len(differs) < len(found[1])):
            found = (number, differs)
        if not differs:
            break
    return found


def cache_facts(settings):
    for alias, values in dict(getattr(settings, 'CACHES', None) or {}).items():
        answer['caches'][str(alias)] = {'backend': str(values.get('BACKEND')), 'location': plain(values.get('LOCATION'))}
    for alias, values in dict(getattr(settings, 'CHANNEL_LAYERS', None) or {}).items():
        config = values.get('CONFIG') if isinstance(values, dict) else None
        hosts = config.get('hosts') if isinstance(config, dict) else None
        answer['channelLayers'][str(alias)] = [redis_url(each) for each in hosts] if isinstance(hosts, (list, tuple)) else []


def redis_url(place):
    """As channels_redis takes them: a URL, (host, port), or a dictionary of either."""
    if isinstance(place, dict):
        place = place.get('address') or (place.get('host') or 'localhost', place.get('port') or 6379)
    if isinstance(place, (list, tuple)) and len(place) == 2:
        return 'redis://%s:%s' % tuple(place)
    return str(place)


def app_facts(settings):
    from django.apps import apps
    from django.apps.config import AppConfig
    if not apps.apps_ready:
        for entry in settings.INSTALLED_APPS:
            config = entry if isinstance(entry, AppConfig) else AppConfig.create(entry)
            if config.label in apps.app_configs:
                from django.core.exceptions import ImproperlyConfigured
                raise ImproperlyConfigured("Application labels aren't unique, duplicates: %s" % config.label)
            apps.app_configs[config.label] = config
            config.apps = apps
            config.models = apps.all_models[config.label]
        apps.apps_ready = True
        apps.clear_cache()
    answer['apps'] = [{'name': each.name, 'label': each.label, 'path': each.path} for each in apps.app_configs.values()]


def set_up(settings):
    """django.setup() without the logging, which would open the files of its handlers."""
    from django.apps import apps
    if apps.ready:
        return
    forget(apps)
    apps.populate(settings.INSTALLED_APPS)


def forget(apps):
    """As a new process begins: nothing of what was put together by hand."""
    apps.app_configs.clear()
    apps.apps_ready = apps.models_ready = apps.loading = apps.ready = False
    apps.clear_cache()


def migration_facts(settings):
    """What the migrations on disk say; nothing is asked of the database."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.exceptions import BadMigrationError
    facts = {'all': [], 'conflicts': {}, 'error': None, 'tables': None, 'uploads': []}
    loader = MigrationLoader(None, load=False)
    try:
        loader.load_disk()
    except BadMigrationError as error:
        facts['error'] = {'kind': 'bad', 'message': text_of(error), 'node': None, 'origin': None}
        answer['migrations'] = facts
        return
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        facts['all'].append({
            'app': app,
            'name': name,
            'replaces': [list(each) for each in migration.replaces],
            'dependencies': [list(each)[:2] for each in migration.dependencies if isinstance(each, tuple)],
            'extensions': sorted(set(extensions_of(migration.operations))),
        })
    answer['migrations'] = facts
    graph_facts(loader, facts)
    if not facts['error'] and not facts['conflicts'] and len(facts['all']) <= 400:
        model_facts(settings, loader, facts)


def extensions_of(operations):
    """The extensions of PostgreSQL that these operations create."""
    # Whoever creates one has imported it; pgvector's VectorExtension and others are made of it.
    module = sys.modules.get('django.contrib.postgres.operations')
    for operation in operations:
        if module and isinstance(operation, module.CreateExtension):
            yield str(operation.name)
        elif type(operation).__name__ == 'SeparateDatabaseAndState':
            yield from extensions_of(operation.database_operations)
        elif type(operation).__name__ == 'RunSQL':
            yield from created_in(operation.sql)


def created_in(sql):
    """Of RunSQL: a text, or a list of texts and of pairs of a text and its parameters."""
    created = r'\bcreate\s+extension\s+(?:if\s+not\s+exists\s+)?"?([a-z_][a-z0-9_-]*)'
    for each in sql if isinstance(sql, (list, tuple)) else [sql]:
        text = each[0] if isinstance(each, (list, tuple)) and each else each
        if isinstance(text, str):
            said = re.sub(r'--[^\n]*|/\*.*?\*/', ' ', text, flags=re.DOTALL)
            yield from (name.lower() for name in re.findall(created, said, re.IGNORECASE))


def graph_facts(loader, facts):
    """Whether the migrations fit together."""
    from django.db.migrations.exceptions import CircularDependencyError, NodeNotFoundError
    try:
        loader.build_graph()
        facts['conflicts'] = {app: sorted(names) for app, names in loader.detect_conflicts().items()}
    except NodeNotFoundError as error:
        origin = getattr(error, 'origin', None)
        facts['error'] = {
            'kind': 'parent-missing',
            'message': text_of(error),
            'node': [str(each) for each in error.node],
            'origin': [origin.app_label, origin.name] if hasattr(origin, 'app_label') else None,
        }
    except CircularDependencyError as error:
        facts['error'] = {'kind': 'circular', 'message': text_of(error), 'node': None, 'origin': None}


def model_facts(settings, loader, facts):
    """The tables that the migrations make, and the fields of the project that store a file."""
    from django.apps import apps
    moved = {key[0] for key, migration in loader.disk_migrations.items()
             if any(type(operation).__name__ == 'SeparateDatabaseAndState' for operation in migration.operations)}
    tables = []
    for (app, name), model in loader.project_state().models.items():
        options = model.options
        if options.get('proxy') or options.get('managed') is False:
            continue
        swappable = options.get('swappable')
        if swappable and str(getattr(settings, swappable, '')).lower() != ('%s.%s' % (app, name)).lower():
            continue
        if app not in moved:
            tables.append(options.get('db_table') or '%s_%s' % (app, name))
        config = apps.app_configs.get(app)
        if config and is_own(config.path):
            facts['uploads'] += ['%s.%s.%s' % (app, model.name, field) for field in uploads_of(model)]
    facts['tables'] = None if getattr(settings, 'DATABASE_ROUTERS', None) else sorted(tables)


def uploads_of(model):
    from django.core.files.storage import default_storage
    from django.db.models import FileField
    fields = model.fields.items() if hasattr(model.fields, 'items') else model.fields
    return [name for name, field in fields if isinstance(field, FileField) and field.storage is default_storage]


def storage_facts(settings, alias, legacy):
    """The storage class and its options, without making one: a broken manifest would stop it."""
    from django.utils.module_loading import import_string
    storages = getattr(settings, 'STORAGES', None) if hasattr(settings, 'STORAGES') else None
    own = (storages or {}).get(alias) or {}
    backend = own.get('BACKEND') or getattr(settings, legacy, None)
    if not backend:
        return None
    facts = {'backend': str(backend), 'options': plain(own.get('OPTIONS') or {}), 'bases': [], 'keepsManifest': None,
             'manifestName': None, 'manifestStrict': None}
    cls = import_string(backend) if isinstance(backend, str) else backend
    facts['bases'] = ['%s.%s' % (base.__module__, base.__name__) for base in getattr(cls, '__mro__', ())][:20]
    if alias == 'staticfiles':
        from django.contrib.staticfiles.storage import ManifestFilesMixin
        facts['keepsManifest'] = isinstance(cls, type) and issubclass(cls, ManifestFilesMixin)
        facts['manifestName'] = getattr(cls, 'manifest_name', None)
        facts['manifestStrict'] = getattr(cls, 'manifest_strict', None)
    return facts


def static_facts(settings):
    from django.apps import apps
    if 'staticfiles' not in apps.app_configs:
        answer['static'] = {'installed': False, 'storage': None, 'sources': [], 'ignored': None}
        return
    facts = {'installed': True, 'storage': storage_facts(settings, 'staticfiles', 'STATICFILES_STORAGE'), 'sources': [],
             'ignored': None, 'types': {}}
    # What a type that the project has added changes is known only here.
    import mimetypes
    for ending in ('css', 'js', 'mjs', 'svg', 'png', 'jpg', 'gif', 'ico', 'pdf', 'mp4', 'mp3'):
        facts['types'][ending] = mimetypes.guess_type('a.' + ending)[0]
    import django
    # Since 5.1 the old setting is not read, and nothing says so.
    if django.VERSION >= (5, 1) and settings.is_overridden('STATICFILES_STORAGE'):
        facts['ignored'] = str(settings.STATICFILES_STORAGE)
    answer['static'] = facts
    from django.contrib.staticfiles.finders import get_finders
    ignored = list(getattr(apps.app_configs['staticfiles'], 'ignore_patterns', ['CVS', '.*', '*~']))
    sources = {}
    count = 0
    for finder in get_finders():
        for name, storage in finder.list(ignored):
            location = getattr(storage, 'location', None)
            if location is None:
                continue
            key = (str(location), str(getattr(storage, 'prefix', None) or ''))
            sources.setdefault(key, []).append(name)
            count += 1
            if count > 200000:
                raise RuntimeError('the finders find more than 200,000 files')
    facts['sources'] = [{'directory': place, 'prefix': prefix, 'names': sorted(names)}
                        for (place, prefix), names in sources.items()]


def media_facts(settings):
    answer['media'] = storage_facts(settings, 'default', 'DEFAULT_FILE_STORAGE')


# --- What a picture of the machine keeps of the environment, the settings and the code.

def distributions():
    """What is installed where Python looks, by the names of the directories that say so, and its top-level modules."""
    found = {}
    modules = set()
    for place in sys.path:
        try:
            names = os.listdir(place or '.')
        except OSError:
            continue
        # The standard library comes with Python.
        if not re.search(r'(site|dist)-packages/?$', place):
            continue
        for name in names:
            said = re.match(r'([A-Za-z0-9][^-]*)-([^-]+?)(?:-py[0-9.]+)?\.(?:dist|egg)-info$', name)
            if said:
                key = re.sub('[-_.]+', '-', said.group(1)).lower()
                if key not in found:
                    found[key] = [said.group(2), modified(os.path.join(place, name))]
            elif re.match(r'[A-Za-z_][A-Za-z0-9_]*(\.py|\.[\w-]+\.so)?$', name) and not name.startswith('__'):
                modules.add(name.split('.')[0])
    return found, sorted(modules)


def modified(path):
    """Milliseconds since the epoch."""
    try:
        return int(os.stat(path).st_mtime * 1000)
    except OSError:
        return 0


def stable(value, called, depth=0):
    """A setting as it reads the same in each process, without what may be secret: that is told elsewhere, and veiled."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return repr(value)
    if is_lazy(value):
        return '(lazy)'
    if isinstance(value, (str, bytes)):
        text = value.decode('latin1') if isinstance(value, bytes) else str(value)
        if (SECRET.search(called) and not NO_SECRET.search(called)) or RANDOM.match(text):
            return '***'
        return re.sub('://[^/@]*@', '://***@', text)
    if depth < 5 and isinstance(value, dict):
        of_all = re.search('(KEYS|TOKENS|SECRETS|PASSWORDS|CREDENTIALS)$', called, re.I)
        return {str(key): stable(each, called if of_all else str(key), depth + 1) for key, each in value.items()}
    if depth < 5 and isinstance(value, (list, tuple)):
        return [stable(each, called, depth + 1) for each in value]
    if depth < 5 and isinstance(value, (set, frozenset)):
        return sorted((stable(each, called, depth + 1) for each in value), key=str)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, '__qualname__'):
        return '%s.%s' % (getattr(value, '__module__', ''), value.__qualname__)
    return '%s.%s' % (type(value).__module__, type(value).__name__)


def own_settings(told):
    """Those of no name that Django has: nobody knows what they hold."""
    try:
        from django.conf import global_settings
    except ImportError:
        return sorted(told)
    return sorted(name for name in told if not hasattr(global_settings, name))


def stable_settings(settings):
    told = {}
    wrapped = getattr(settings, '_wrapped', settings)
    for name in dir(wrapped):
        if not name.isupper() or name == 'SECRET_KEY' or not settings.is_overridden(name):
            continue
        try:
            told[name] = json.dumps(stable(getattr(wrapped, name), name), sort_keys=True)[:4096]
        except Exception:
            continue
    return told


CODE = re.compile(r'\.(py|html)$')
NO_CODE = re.compile(r'^(\..*|__pycache__|node_modules|(site|dist)-packages|venv|env)$')


def code_roots(settings):
    """Where the project's own files lie, each once."""
    # Where the settings cannot be imported, what lies beside them and the entry is all that is known.
    roots = {place.rstrip('/') for place in own_directories}
    if answer['file']:
        roots.add(os.path.dirname(os.path.abspath(answer['file'])))
    roots.update(each['path'] for each in answer['apps'] or [])
    for engine in getattr(settings, 'TEMPLATES', None) or []:
        roots.update(str(place) for place in engine.get('DIRS') or [])
    roots = {os.path.realpath(root) for root in roots if is_own(root + '/')}
    roots = sorted(root for root in roots if len(root.split('/')) > 2)
    return [root for root in roots if not any(root.startswith(other + '/') for other in roots)]


def code_files(roots):
    """By directory the names and sizes of what is code, and when each was changed; None where there is too much."""
    found = {}
    seen = 0
    pending = list(roots)
    while pending:
        place = pending.pop()
        try:
            entries = list(os.scandir(place))
        except OSError:
            continue
        seen += len(entries)
        if seen > 12000 or len(found) > 2000:
            return None
        if time.time() - BEGAN > 5:
            raise TimeoutError('a slow machine has no other code')
        if place not in roots and any(each.name == 'pyvenv.cfg' for each in entries):
            continue
        for each in entries:
            try:
                if each.is_dir(follow_symlinks=False):
                    if not NO_CODE.match(each.name):
                        pending.append(each.path)
                elif CODE.search(each.name) and each.is_file():
                    about = each.stat()
                    found.setdefault(place, []).append((each.name, about.st_size, int(about.st_mtime * 1000)))
            except OSError:
                continue
    return found


def code_of(found):
    """What each file holds; None where there are too many to read in passing."""
    import hashlib
    each = [one for names in found.values() for one in names]
    if len(each) > 1000 or sum(size for _, size, _ in each) > 8 * 1024 * 1024:
        return None
    digests = {}
    for place, names in found.items():
        for name, _, at in names:
            path = os.path.join(place, name)
            with open(path, 'rb') as file:
                digests[path] = [hashlib.sha256(file.read(1024 * 1024)).hexdigest()[:32], at]
    return digests


def directories_of(found):
    """Of more files their names and sizes, by directory."""
    import hashlib
    return {place: [hashlib.sha256(repr(sorted(each[:2] for each in names)).encode('utf-8', 'replace')).hexdigest()[:32],
                    max(at for _, _, at in names)] for place, names in found.items()}


def picture_facts():
    """Asked also where Django or the settings cannot be imported: what is not there is the news then."""
    try:
        installed, modules = distributions()
        encoding = '%s %s' % (sys.getfilesystemencoding(), sys.stdout.encoding)
    except Exception:
        return
    answer['picture'] = {'distributions': installed, 'modules': modules, 'encoding': encoding, 'settings': None, 'own': [],
                         'code': None, 'directories': None, 'isWhole': False, 'acls': {}}


def picture_more(settings):
    """Nobody is to be told of a fault because a picture could not be taken."""
    try:
        told = stable_settings(settings)
        answer['picture']['own'] = own_settings(told)
        answer['picture']['settings'] = told
    except Exception:
        pass


def picture_code():
    """Last, when all is known that there is to know of where the code lies."""
    settings = getattr(sys.modules.get('django.conf'), 'settings', None)
    known = answer['picture']['settings'] is not None and answer['apps'] is not None
    try:
        found = code_files(code_roots(settings if known else None))
        if found is not None:
            answer['picture']['code'] = code_of(found)
            if answer['picture']['code'] is None:
                answer['picture']['directories'] = directories_of(found)
        answer['picture']['isWhole'] = known
    except Exception:
        pass


def picture_acls():
    """The access control lists on the way to what the service needs; '' where there is none."""
    if P.get('paths') is None:
        return
    paths = P['paths'] + (answer['files'] or files_read())
    paths += [os.path.dirname(each['path']) for each in answer['logFiles']]
    paths += [answer['settings'].get(name) for name in ('STATIC_ROOT', 'MEDIA_ROOT')]
    found, done = {}, []

    def look():
        try:
            lists_on_the_way(paths, found)
            done.append(True)
        except Exception:
            pass

    # A path may lie on a file system that does not answer: this is not worth to wait for that.
    START_THREAD(look, ())
    for _ in range(200):
        if done:
            answer['picture']['acls'] = found
            return
        SLEEP(0.0005)


def lists_on_the_way(paths, found):
    for path in paths:
        if not isinstance(path, str) or not path.startswith('/'):
            continue
        for here in {os.path.abspath(path), os.path.realpath(path)}:
            while here != '/' and here not in found and len(found) < 200:
                # The kernel tells these to everybody who may pass the directories above.
                lists = [list_of(here, 'system.posix_acl_' + kind) for kind in ('access', 'default')]
                if None not in lists:
                    found[here] = lists
                here = os.path.dirname(here)


def list_of(path, name):
    try:
        return ''.join('%02x' % byte for byte in bytearray(os.getxattr(path, name, follow_symlinks=False)))
    except OSError as error:
        # Of a file system that has none, or of a link.
        return '' if error.errno in (errno.ENODATA, errno.EOPNOTSUPP) else None


def described(message):
    return {'id': message.id or '', 'level': int(message.level), 'message': str(message.msg), 'hint': str(message.hint or ''),
            'object': short(message.obj, 200) if message.obj is not None else None}


def deploy_facts():
    """Django's own check --deploy, of which the security checks ask nothing but the settings."""
    from django.core.checks.registry import registry
    from django.core.checks.security import base, csrf, sessions  # noqa: F401
    messages = []
    for check in registry.deployment_checks:
        try:
            messages += [described(each) for each in check(app_configs=None) or []]
        except Exception:
            continue
    answer['deploy'] = messages


def url_paths(patterns, prefix=''):
    """The URLs that need no argument."""
    found = []
    for each in patterns:
        part = str(getattr(each, 'pattern', ''))
        if hasattr(each, 'url_patterns'):
            if re.search(r'[<(\[]', part):
                continue
            found += url_paths(each.url_patterns, prefix + part.lstrip('^'))
        else:
            path = part.lstrip('^')
            path = path[:-1] if path.endswith('$') else (path[:-2] if path.endswith('\\Z') else path)
            if not re.search(r'[<(\[\\*?+|]', path):
                found.append('/' + prefix + path)
        if len(found) > 300:
            break
    return found


def url_facts(settings):
    """The URLconf alone. No application is made ready, so that nothing of its own begins to run."""
    from django.apps import apps
    if not apps.ready:
        forget(apps)
        apps.get_app_configs = lambda: []
        try:
            apps.populate(settings.INSTALLED_APPS)
        finally:
            del apps.get_app_configs
    from django.urls import get_resolver
    answer['start'] = {'checks': [], 'paths': sorted(set(url_paths(get_resolver().url_patterns)))[:200],
                       'page': None, 'entry': False}


def start(settings):
    """Everything that a start does, short of listening."""
    facts = {'checks': [], 'paths': [], 'page': None, 'entry': False}
    answer['start'] = facts

    def load():
        if not P.get('entry'):
            import django
            django.setup()
            return
        module = import_entry(P['entry'])
        attribute = (P['entry'].get('module') or '').partition(':')[2] or 'application'
        target = module
        for part in re.sub(r'\(.*$', '', attribute).split('.'):
            target = getattr(target, part)
        facts['entry'] = True

    if P.get('server') == 'gunicorn' and not temporary_elsewhere:
        find_temporary()
    attempt('start', load)
    from django.apps import apps
    if not apps.ready:
        import django
        attempt('start', django.setup)
    from django.urls import get_resolver

    def urls():
        facts['paths'] = sorted(set(url_paths(get_resolver().url_patterns)))[:200]

    attempt('urls', urls)
    if P['depth'] == 'trial' and not P.get('checks'):
        return
    from django.core.checks import run_checks
    try:
        facts['checks'] = [described(each) for each in run_checks(include_deployment_checks=True)]
    except Exception as error:
        fail('checks', error)
    if P.get('page'):
        ask_page(facts, P['page'])


def ask_page(facts, page):
    """One GET inside this process, where an exception is not hidden by a page that says 500."""
    from django.test import Client
    try:
        response = Client(SERVER_NAME=page['host'], raise_request_exception=True).get(page['path'], secure=True)
        facts['page'] = {'path': page['path'], 'status': response.status_code, 'chain': None}
    except BaseException as error:
        facts['page'] = {'path': page['path'], 'status': None, 'chain': chain_of(error)}


def section(stage, gather, *args):
    try:
        gather(*args)
    except BaseException as error:
        fail(stage, error)
        return False
    return True


def gather(settings):
    """What the settings alone tell; where one part fails, the others are still told."""
    for name in ['DATABASES', 'ALLOWED_HOSTS', 'STATIC_ROOT', 'MEDIA_ROOT', 'SECRET_KEY', 'DEBUG', 'STORAGES', 'LOGGING',
                 'STATICFILES_STORAGE', 'INSTALLED_APPS', 'CACHES', 'STATIC_URL']:
        try:
            found = place_of(name, answer['file'])
        except Exception:
            found = None
        if found:
            answer['places'][name] = dict(found, file=edited(found['file']))
    if answer['file']:
        answer['file'] = edited(answer['file'])
    if not section('apps', app_facts, settings):
        return
    section('static', static_facts, settings)
    section('media', media_facts, settings)
    try:
        migration_facts(settings)
    except BaseException:
        # A migration that imports what only exists after setup().
        try:
            set_up(settings)
            migration_facts(settings)
        except BaseException as error:
            answer['migrations'] = None
            fail('migrations', error)
    section('deploy', deploy_facts)


def ask_server():
    """gunicorn's own word, where gunicorn serves. False where the server would become somebody whom we cannot."""
    if P.get('server') != 'gunicorn':
        return True
    try:
        ask_gunicorn()
    except BaseException as error:
        fail('server', error)
        if isinstance(error, NotBecome):
            return False
        if isinstance(error, ImportError):
            answer['server'] = None
    return True


def find_django():
    try:
        import django
    except BaseException as error:
        fail('django', error)
        return False
    answer['django'], answer['djangoPath'] = django.get_version(), os.path.dirname(os.path.abspath(django.__file__))
    return True


def find_module():
    """Names the settings module as the server would. False where nothing does."""
    if P.get('settingsModule'):
        os.environ['DJANGO_SETTINGS_MODULE'] = P['settingsModule']
    if P.get('entry') and P['entry'].get('module'):
        own_package(P['entry']['module'])
    try:
        attempt('entry', state_module)
    except BaseException as error:
        if not answer['failures']:
            fail('entry', error)
    answer['module'] = os.environ.get('DJANGO_SETTINGS_MODULE')
    if answer['module']:
        own_package(answer['module'])
        return True
    if not answer['failures']:
        answer['failures'].append({'stage': 'module', 'chain': []})
    return False


def find_programs():
    """What systemd would execute, as this process sees it."""
    for path in P.get('programs') or []:
        try:
            os.stat(path)
            if not os.access(path, os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        except OSError as error:
            fail('program', error)
            return False
    return True


def find_temporary():
    """gunicorn keeps a file for each of its workers there, and uploads go there."""
    import tempfile
    try:
        tempfile.gettempdir()
    except OSError as error:
        fail('temporary', error)


def start_application(settings):
    try:
        from django.apps import apps
        if not apps.ready:
            forget(apps)
        start(settings)
    except BaseException as error:
        if not answer['failures'] or answer['failures'][-1]['stage'] not in ('start', 'urls'):
            fail('start', error)


def main():
    sys.argv = list(P['argv']) or ['prism-doctor']
    if P.get('directory'):
        try:
            os.chdir(P['directory'])
        except OSError as error:
            fail('directory', error)
            return
    sys.path[0:1] = [os.path.abspath(path) for path in P.get('pythonPath') or []] + [os.getcwd()]
    is_trial = P['depth'] == 'trial'
    if is_trial and P.get('module'):
        section('alone', importlib.import_module, P['module'])
        return
    if is_trial and not find_programs():
        return
    if not is_trial:
        picture_facts()
    watching[0] = True
    if not (ask_server() and find_django() and find_module()):
        return
    from django.conf import settings
    try:
        attempt('settings', lambda: getattr(settings, 'DEBUG'))
    except BaseException as error:
        if not answer['failures']:
            fail('settings', error)
        return
    watching[0] = False
    if P['depth'] == 'urls':
        section('urls', url_facts, settings)
        return
    if is_trial:
        # Only whether it starts is asked.
        start_application(settings)
        return
    module = sys.modules.get(answer['module'])
    answer['file'] = getattr(module, '__file__', None)
    section('swallowed', swallowed_failures, answer['file'])
    if section('facts', settings_facts, settings):
        gather(settings)
        libpq_facts(settings)
        picture_more(settings)
    if P['depth'] == 'start':
        find_programs()
        start_application(settings)


try:
    main()
except BaseException as error:
    fail('doctor', error)
if answer['picture']:
    picture_code()
    try:
        picture_acls()
    except Exception:
        pass
send()
