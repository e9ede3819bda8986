"""Headless Chromium, driven over two pipes by its DevTools protocol: messages are JSON, ended by a zero byte."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 90


def program():
    return shutil.which('chromium')


class Browser:
    """A browser with one page that can resolve no name and reach no network."""

    def __init__(self):
        self.home = tempfile.mkdtemp()
        to_read, self.to_write = os.pipe()
        self.to_read, to_write = os.pipe()
        for end in (to_read, to_write):
            os.set_inheritable(end, True)
        command = [program(), '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe',
                   '--host-resolver-rules=MAP * ~NOTFOUND', '--no-first-run', '--disable-background-networking',
                   '--disable-component-update', '--disable-sync', '--disable-extensions', '--hide-scrollbars',
                   '--force-color-profile=srgb', '--user-data-dir=' + self.home, 'about:blank']
        # the protocol is on descriptors 3 and 4
        shell = f'exec 3<&{to_read} 4>&{to_write} "$@"'
        self.process = subprocess.Popen(['bash', '-c', shell, 'browser', *command], stdin=subprocess.DEVNULL, pass_fds=(to_read, to_write),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, 'HOME': self.home, 'XDG_CONFIG_HOME': self.home, 'XDG_CACHE_HOME': self.home})
        os.close(to_read)
        os.close(to_write)
        self.number = 0
        self.buffer = b''
        self.events = []
        self.session = None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')

    def receive(self):
        """The next message."""
        until = time.monotonic() + PATIENCE_S
        while b'\0' not in self.buffer:
            ready = select.select([self.to_read], [], [], max(0, until - time.monotonic()))[0]
            data = os.read(self.to_read, 1 << 20) if ready else b''
            if not data:
                raise RuntimeError('the browser does not answer')
            self.buffer += data
        message, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer['result']
            self.events.append(answer)

    def wait(self, event):
        while not any(e.get('method') == event for e in self.events):
            self.events.append(self.receive())

    def open(self, file):
        """Load a file; events of it are in self.events then."""
        self.events = []
        self.call('Page.navigate', url='file://' + os.path.abspath(file))
        self.wait('Page.loadEventFired')
        # what comes late, such as the request for an icon
        self.evaluate('new Promise(r => setTimeout(r, 300))')

    def evaluate(self, script):
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(str(answer['exceptionDetails']))
        return answer['result'].get('value')

    def size(self, width, height=900):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, scheme='light', kind=''):
        self.call('Emulation.setEmulatedMedia', media=kind, features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def screenshot(self, file, since=None, until=None):
        """The whole page as PNG, or from the top of one element to the bottom of another, both given as selectors."""
        size = self.call('Page.getLayoutMetrics')['cssContentSize']
        edge = 'document.querySelector({}).getBoundingClientRect().{} + scrollY'
        top = self.evaluate(edge.format(json.dumps(since), 'top')) - 8 if since else 0
        bottom = self.evaluate(edge.format(json.dumps(until), 'bottom')) + 8 if until else size['height']
        clip = {'x': 0, 'y': top, 'width': size['width'], 'height': bottom - top, 'scale': 1}
        data = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=True, clip=clip)['data']
        with open(file, 'wb') as to:
            to.write(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self.call('Page.printToPDF', printBackground=True)['data'])

    def requests(self):
        """Addresses that the page asked for, beside its own file and what is in it."""
        urls = [e['params']['request']['url'] for e in self.events if e.get('method') == 'Network.requestWillBeSent']
        return [u for u in urls if not u.startswith(('file:', 'data:'))]

    def complaints(self):
        """What stands on the console: messages, errors, breaches of the policy."""
        result = [e['params']['entry']['text'] for e in self.events if e.get('method') == 'Log.entryAdded']
        result += [str(e['params']) for e in self.events
                   if e.get('method') in ('Runtime.consoleAPICalled', 'Runtime.exceptionThrown')]
        return result

    def close(self):
        try:
            self.session = None
            self.call('Browser.close')
        except (RuntimeError, OSError):
            self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.home, ignore_errors=True)
