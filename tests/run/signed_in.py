"""Who has signed in on a site that a tellerd answers on: a token as the site's
own server makes it (JSON Web Token, HS256), and where tellerd reads the secret."""

import base64
import hashlib
import hmac
import json
import os
import time

SECRET = b"an example of a secret of forty-two bytes!"


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def token(header=None, secret=SECRET, **claims):
    claims = {"sub": "k-17", "name": "Zoë Ó Briain",
              "exp": int(time.time()) + 300, **claims}
    signed = part(header or {"alg": "HS256"}) + b"." + part(claims)
    tag = hmac.new(secret, signed, hashlib.sha256).digest()
    return (signed + b"." + part(tag)).decode()


def secret_of(daemon):
    """What plugins.web.user_secret is set to, of that daemon."""
    path = os.path.join(daemon.dir, "user.secret")
    with open(path, "wb") as f:
        f.write(SECRET)
    os.chmod(path, 0o600)
    return f"file:{path}"
