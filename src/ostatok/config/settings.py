"""Django's settings, from the environment. Importing them starts, creates and connects nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ostatok.config import database, environment, oidc

OSTATOK_HOME: Final = Path(environment.read("OSTATOK_HOME") or "var")
OSTATOK_EMAIL_URL: Final = environment.read("OSTATOK_EMAIL_URL")
# Where mails go if nobody names a server: there may be none.
OSTATOK_EMAIL_UNNAMED: Final = environment.read("OSTATOK_EMAIL_URL", {})
OSTATOK_RETRY_SCHEDULE: Final[tuple[timedelta, ...]] = environment.durations("OSTATOK_RETRY_SCHEDULE")

_DATABASE_URL: Final = environment.read("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": database.keeping_plans(database.parse(_DATABASE_URL)) if _DATABASE_URL else dict(database.UNSET)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A connection serves one request after the other; one that broke is noticed before the next request uses it.
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
# Rate limits are counted here, by all processes of all hosts together.
CACHES = {"default": {"BACKEND": "ostatok.web.signing_in.counts.Counts", "LOCATION": "cache"}}

# Empty until config.main finds or makes one: Django itself refuses to sign with an empty key.
SECRET_KEY = environment.read("OSTATOK_SECRET_KEY") or ""
SECRET_KEY_FALLBACKS = environment.words("OSTATOK_SECRET_KEY_FALLBACKS")
DEBUG = environment.flag("OSTATOK_DEBUG")
OSTATOK_DEMO: Final = environment.flag("OSTATOK_DEMO")
OSTATOK_METRICS_TOKEN: Final = environment.read("OSTATOK_METRICS_TOKEN")
OSTATOK_OIDC: Final = oidc.provider()

ALLOWED_HOSTS = environment.words("OSTATOK_HOSTS")
# Behind a proxy that ends TLS, which must set these headers itself; cookies travel over TLS only.
OSTATOK_HTTPS: Final = environment.flag("OSTATOK_HTTPS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if OSTATOK_HTTPS else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if OSTATOK_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if OSTATOK_HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = OSTATOK_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
USE_X_FORWARDED_HOST = False

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_htmx",
    "heroicons",
    "ostatok.parties",
    "ostatok.ledger",
    "ostatok.rules",
    "ostatok.notices",
    "ostatok.delivery",
    "ostatok.intake",
    "ostatok.web",
    "ostatok.console",
    "ostatok.cabinet",
    "ostatok.api",
]
AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ostatok.web.security.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ostatok.web.signing_in.sessions.Seen",
    "django_htmx.middleware.HtmxMiddleware",
    "ostatok.web.signing_in.second_factor.SecondFactor",
    "ostatok.web.actors.Actors",
]
ROOT_URLCONF = "ostatok.config.urls"
WSGI_APPLICATION = "ostatok.config.wsgi.application"
FORM_RENDERER = "ostatok.web.renderer.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before those of the libraries, which have pages of the same names.
        "DIRS": [Path(__file__).resolve().parent.parent / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ostatok.web.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "ostatok.web.templatetags.ostatok"],
        },
    }
]
STATIC_URL = "/static/"
# Served out of the packages they come with: there is nothing to collect.
WHITENOISE_USE_FINDERS = True
# One upload is held to this by web/uploads.py; a form without a file to this by Django.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["ostatok.web.uploads.LimitedUpload"]

# Mails of signing in; what the worker sends goes its own way.
EMAIL_BACKEND = "ostatok.web.signing_in.mail.Backend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "ostatok@localhost"

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 2 * 3600
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "ostatok.web.signing_in.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "ostatok.web.signing_in.forms.SignIn",
    "add_email": "ostatok.web.signing_in.forms.ChangeEmail",
    "change_password": "ostatok.web.signing_in.forms.ChangePassword",
    "set_password": "ostatok.web.signing_in.forms.SetPassword",
    "reset_password": "ostatok.web.signing_in.forms.ResetPassword",
    "reset_password_from_key": "ostatok.web.signing_in.forms.ResetPasswordKey",
    "reauthenticate": "ostatok.web.signing_in.forms.Reauthenticate",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "ostatok.web.signing_in.adapters.display"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Whether an address is known is told to its mailbox only: a stranger's gets a mail as well, and the page says the same.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if OSTATOK_HTTPS else "http"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# By address of the network, by user, or by what was typed; docs/signing-in.md repeats them.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
    "confirm_email": "1/3m/key",
    "invitation": "20/m/ip",
    "oidc": "30/m/ip",
}
MFA_ADAPTER = "ostatok.web.signing_in.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "ostatok.web.signing_in.forms.Code",
    "reauthenticate": "ostatok.web.signing_in.forms.CodeAgain",
    "activate_totp": "ostatok.web.signing_in.forms.ActivateTotp",
    "add_webauthn": "ostatok.web.signing_in.forms.AddPasskey",
    "edit_webauthn": "ostatok.web.signing_in.forms.RenamePasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers know passkeys on http://localhost too, and nowhere else without TLS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or OSTATOK_DEMO
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Ostatok"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Nobody signs up: who is here was invited at an address, and may change it with a second factor on.
MFA_ALLOW_UNVERIFIED_EMAIL = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("pl", "Polski"), ("kk", "Қазақша")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
