#!/usr/bin/env bash
# libjson-rpc-cpp gives each call the id 1 and takes an answer with any other id, and its server answers notifications with errors.
#
# Versions:  libjsonrpccpp-dev 0.7.0-2.1 and libjsoncpp-dev 1.9.5-4 (Debian 12), g++ 12.
# Guess:     a client counts its ids, refuses an answer with another one, and lets "error": null beside a result pass. A server
#            calls a method without an id as a notification and stays silent, whatever comes of it. A parameter that a method does
#            not declare is refused, as a wrong or a missing one is.
# Seen:      each call has the id 1, and the answer's own id is not looked at: a late answer to a call that was given up becomes
#            the result of the next one. A result with "error": null is refused. In the server a method and a notification are two
#            kinds: a method without an id is answered with -32604 and does not run, a notification with an id with -32605, and an
#            unknown notification or one with wrong params is answered, too, with id null. 1.0 passes for an integer, 1 not for a
#            boolean, and a surplus parameter is dropped without a word.
# So:        the connector that the program writes itself must keep one call at a time, and end the connection when it gives a
#            call up. A client of such a server reads answers to its notifications, and checks the names of its params itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download libjsonrpccpp-dev=0.7.0-2.1 libjsoncpp-dev=1.9.5-4 libjsoncpp25=1.9.5-4 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" debian; done
library=$work/debian/usr/lib/x86_64-linux-gnu

cat >try.cpp <<'CPP'
#include <iostream>

#include <jsonrpccpp/client.h>
#include <jsonrpccpp/server.h>

using jsonrpc::JsonRpcException;
using jsonrpc::Procedure;
using std::string;

// Keeps what was sent, and answers as told.
struct Connector : jsonrpc::IClientConnector {
    string sent, answer;
    void SendRPCMessage(const string &message, string &result) throw(JsonRpcException) override {
        sent = message;
        result = answer;
    }
};

struct Listener : jsonrpc::AbstractServerConnector {
    bool StartListening() override { return true; }
    bool StopListening() override { return true; }
    bool SendResponse(const string &, void *) override { return true; }
    string ask(const string &request) {
        string answer;
        GetHandler()->HandleRequest(request, answer);
        return answer;
    }
};

struct Server : jsonrpc::AbstractServer<Server> {
    int runs = 0;
    explicit Server(Listener &listener) : jsonrpc::AbstractServer<Server>(listener) {
        using namespace jsonrpc;
        bindAndAddMethod(Procedure("twice", PARAMS_BY_NAME, JSON_INTEGER, "count", JSON_INTEGER, NULL), &Server::twice);
        bindAndAddMethod(Procedure("echo", PARAMS_BY_NAME, JSON_BOOLEAN, "force", JSON_BOOLEAN, NULL), &Server::echo);
        bindAndAddNotification(Procedure("note", PARAMS_BY_NAME, "count", JSON_INTEGER, NULL), &Server::note);
    }
    void twice(const Json::Value &params, Json::Value &result) { result = 2 * params["count"].asInt(); ++runs; }
    void echo(const Json::Value &params, Json::Value &result) { result = params["force"]; ++runs; }
    void note(const Json::Value &) { ++runs; }
};

// One line, without what is the same in each message.
string brief(const string &message) {
    Json::Value value;
    Json::Reader().parse(message, value);
    if (value.isMember("error") && value["error"].isObject()) value["error"] = value["error"]["code"];
    value.removeMember("jsonrpc");
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "";
    return Json::writeString(builder, value);
}

int main() {
    Connector connector;
    jsonrpc::Client client(connector);
    for (const string rest : {"\"id\":1,\"result\":\"own\"", "\"id\":77,\"result\":\"late\"", "\"id\":\"x\",\"result\":\"strange\"",
                              "\"id\":1,\"result\":\"own\",\"error\":null"}) {
        connector.answer = "{\"jsonrpc\":\"2.0\"," + rest + "}";
        string got;
        try {
            got = client.CallMethod("status", Json::nullValue).asString();
        } catch (const JsonRpcException &error) {
            got = "error " + std::to_string(error.GetCode());
        }
        std::cout << "call " << brief(connector.sent) << ", answer " << rest << ": " << got << "\n";
    }

    Listener listener;
    Server server(listener);
    for (const string rest : {"\"id\":1,\"method\":\"twice\",\"params\":{\"count\":1.0}", "\"id\":1,\"method\":\"twice\",\"params\":{\"count\":1,\"when\":2}",
                              "\"id\":1,\"method\":\"twice\",\"params\":{}", "\"id\":1,\"method\":\"echo\",\"params\":{\"force\":1}",
                              "\"method\":\"twice\",\"params\":{\"count\":1}", "\"method\":\"note\",\"params\":{\"count\":1}",
                              "\"id\":1,\"method\":\"note\",\"params\":{\"count\":1}", "\"method\":\"note\",\"params\":{}", "\"method\":\"unknown\""}) {
        server.runs = 0;
        const string answer = listener.ask("{\"jsonrpc\":\"2.0\"," + rest + "}");
        std::cout << rest << ": " << (answer.empty() ? "silent" : brief(answer)) << (server.runs ? ", runs" : "") << "\n";
    }
}
CPP
g++ -std=c++14 -w -I debian/usr/include -I debian/usr/include/jsoncpp -o try try.cpp \
    "$library"/libjsonrpccpp-{client,server,common}.a "$library/libjsoncpp.so.25"
LD_LIBRARY_PATH=$library timeout 20 ./try | tee seen
cat >expected <<'TEXT'
call {"id":1,"method":"status"}, answer "id":1,"result":"own": own
call {"id":1,"method":"status"}, answer "id":77,"result":"late": late
call {"id":1,"method":"status"}, answer "id":"x","result":"strange": strange
call {"id":1,"method":"status"}, answer "id":1,"result":"own","error":null: error -32001
"id":1,"method":"twice","params":{"count":1.0}: {"id":1,"result":2}, runs
"id":1,"method":"twice","params":{"count":1,"when":2}: {"id":1,"result":2}, runs
"id":1,"method":"twice","params":{}: {"error":-32602,"id":1}
"id":1,"method":"echo","params":{"force":1}: {"error":-32602,"id":1}
"method":"twice","params":{"count":1}: {"error":-32604,"id":null}
"method":"note","params":{"count":1}: silent, runs
"id":1,"method":"note","params":{"count":1}: {"error":-32605,"id":1}
"method":"note","params":{}: {"error":-32602,"id":null}
"method":"unknown": {"error":-32601,"id":null}
TEXT
diff expected seen
