"""What a WSGI server serves: `ostatok.config.wsgi:application`."""

from django.core.wsgi import get_wsgi_application

from ostatok.web import logs

application = get_wsgi_application()
logs.to_stream()
