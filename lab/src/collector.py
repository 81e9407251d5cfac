import gzip, json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics

KINDS = {
    "/v1/logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
    "/v1/metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
}
heard, told = [], {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, body, headers={}):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200, json.dumps(heard).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/told":
            one = json.loads(body)
            told[one["path"]] = one
            return self.reply(200, b"{}")
        one = {"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}
        heard.append(one)
        try:
            if self.headers["Content-Type"] != "application/json":
                raise ValueError("its kind is " + str(self.headers["Content-Type"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            ask, answer = KINDS[self.path]
            message = json_format.Parse(body, ask(), ignore_unknown_fields=False)
            one["message"] = json_format.MessageToDict(message)
            wish = told.get(self.path, {"status": 200, "headers": {}, "body": {}})
            # What it answers keeps to the definitions, too.
            if wish["status"] == 200:
                said = json_format.MessageToJson(json_format.ParseDict(wish["body"], answer())).encode()
            else:
                said = json.dumps(wish["body"]).encode()
            one["status"] = wish["status"]
            self.reply(wish["status"], said, wish["headers"])
        except Exception as error:
            one["error"] = repr(error)
            one["status"] = 400
            self.reply(400, json.dumps({"code": 3, "message": repr(error)}).encode())


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("listening", server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
