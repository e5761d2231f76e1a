"""Django's settings as its deployment checklist wants them; where the bench decides, it says so in the environment."""

import os

DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "login"
WSGI_APPLICATION = "wsgi.application"
USE_TZ = True
USE_I18N = False

# Who may sign in: addresses, and domains that begin with an @.
CREDENTIALS = {"ada@example.org", "@example.com"}
LINK_MAX_AGE = 300
PUBLIC_URL = os.environ["PUBLIC_URL"]

INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "login.login_required",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# With DEBUG off, Django compiles a template once.
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [os.path.join(os.path.dirname(__file__), "templates")],
    "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
}]

DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ["DATABASE"],
    # One connection for each worker, for good.
    "CONN_MAX_AGE": None,
    # A commit that has been answered outlives a power cut: what Postern promises too.
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["EMAIL_PORT"])
DEFAULT_FROM_EMAIL = "Tutorial <tutorial@example.com>"
