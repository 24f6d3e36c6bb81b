"""A site of somebody else that has the widget in its page: of another origin,
under a strict policy of its own."""

import http.server
import threading

PAGE = """\
<!doctype html>
<html lang="en">
<title>Another site</title>
<body>
<h1>Another site</h1>
<script src="{src}" {more}></script>
</body>
</html>
"""


class Site:
    """pages: path -> (media type, text), or a function that answers a handler.
    allowed: where scripts may come from and requests go to."""

    def __init__(self, allowed):
        self.pages = {}
        policy = (f"default-src 'none'; script-src {allowed}; "
                  f"connect-src {allowed}; base-uri 'none'; form-action 'none'; "
                  "require-trusted-types-for 'script'; trusted-types 'none'")
        pages = self.pages

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, kind, text):
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", policy)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                page = pages.get(self.path.split("?")[0],
                                 ("text/plain", None))
                if callable(page):
                    page(self)
                elif page[1] is None:
                    self.answer(404, "text/plain", "")
                else:
                    self.answer(200, *page)

            do_GET = do_POST = serve

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def embed(self, src, more=""):
        """Its page has that script."""
        self.pages["/"] = ("text/html", PAGE.format(src=src, more=more))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
