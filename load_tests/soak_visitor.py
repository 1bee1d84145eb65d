"""Somebody who asks the API all the time: lists of people who were just there, what trends, what is similar."""

import http.client
import threading
from collections import deque


class Visitor(threading.Thread):
    """Some 100 lookups a second while the `with` lasts."""

    def __init__(self, port: int, people: deque[str]) -> None:
        super().__init__(daemon=True)
        self._port, self._people, self._over = port, people, threading.Event()
        self.answers = self.failed = 0

    def __enter__(self) -> "Visitor":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        n = 0
        while not self._over.wait(0.01):
            n += 1
            user = self._people[n * 7_919 % len(self._people)] if self._people else "nobody"
            path = "/v1/trending" if n % 10 == 0 else f"/v1/users/{user}/recommendations"
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                self.answers += answer.status == 200
                self.failed += answer.status != 200
            except (OSError, http.client.HTTPException):
                self.failed += 1
                connection.close()
        connection.close()
