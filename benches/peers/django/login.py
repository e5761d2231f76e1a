"""The tutorial: an allowlist, a signed link, and a session that knows an address. No users, no passwords."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpResponseForbidden, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

OPEN = ("/login", "/login/sent", "/verify")
signer = TimestampSigner(salt="tutorial.login")


def login_required(get_response):
    """Middleware: whoever is not signed in gets to the open pages and nowhere else."""
    def middleware(request):
        request.email = request.session.get("email")
        if request.email is None and request.path not in OPEN:
            return HttpResponseRedirect("/login?" + urlencode({"next": request.get_full_path()}))
        return get_response(request)
    return middleware


def may_sign_in(email):
    return email in settings.CREDENTIALS or email[email.find("@"):] in settings.CREDENTIALS


@require_http_methods(["GET", "POST"])
def login(request):
    if request.method == "GET":
        return render(request, "login.html")
    email = request.POST.get("email", "").strip().lower()
    if "@" not in email:
        return render(request, "login.html", {"error": "That is no e-mail address."}, status=422)
    # Email:timestamp:signature, for this browser alone.
    request.session["pending_email"] = email
    if may_sign_in(email):
        link = f"{settings.PUBLIC_URL}/verify?" + urlencode({"token": signer.sign(email)})
        send_mail("Your link", f"Sign in here, within five minutes:\n\n{link}\n", None, [email])
    return HttpResponseRedirect("/login/sent")


@require_GET
def sent(request):
    return render(request, "sent.html")


@require_GET
def verify(request):
    try:
        email = signer.unsign(request.GET.get("token", ""), max_age=settings.LINK_MAX_AGE)
    except BadSignature:
        return HttpResponseForbidden("This link is broken, or too old.")
    if request.session.pop("pending_email", None) != email or not may_sign_in(email):
        return HttpResponseForbidden("This link is for another browser.")
    request.session.cycle_key()
    request.session["email"] = email
    return HttpResponseRedirect("/")


@require_POST
def logout(request):
    request.session.flush()
    return HttpResponseRedirect("/login")


@require_GET
def home(request):
    return render(request, "home.html", {"email": request.email})


urlpatterns = [
    path("", home), path("login", login), path("login/sent", sent), path("verify", verify), path("logout", logout),
]
