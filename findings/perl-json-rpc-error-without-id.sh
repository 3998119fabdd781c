#!/usr/bin/env bash
# Perl's JSON::RPC answers a call of an unknown method without its id, in a batch too, and replaces the code of a handler's error.
#
# Versions:  libjson-rpc-perl 1.06-3 (Debian 12) with what it asks for there, Perl 5.36.
# Guess:     an id that Perl takes for false, as 0, "0" and "", makes a request a notification. An unknown method is -32601 with the
#            request's id; a handler that dies with a hash of code, message and data sends these three.
# Seen:      each of those ids gets its answer, with its type, and so does null. The answer for an unknown method has neither
#            "id" nor "jsonrpc", so that a client that matches answers by id waits for ever, and in a batch cannot tell which
#            call failed. Of the hash that a handler dies with the code is replaced by -32603, message and data arrive; the text
#            of a plain die is the message, with its line break.
# So:        a client of such a server takes an answer without an id for that to the call that waits longest, or asks one thing at
#            a time with a deadline. A handler puts its own code into the data.
set -euo pipefail
shopt -s nullglob
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p archives/partial debian
apt-get install -y --no-install-recommends --download-only -o Dir::Cache::archives="$work/archives" libjson-rpc-perl=1.06-3 >/dev/null 2>&1
for package in archives/*.deb; do dpkg -x "$package" debian; done
export PERL5LIB=$work/debian/usr/share/perl5:$work/debian/usr/lib/x86_64-linux-gnu/perl5/5.36

cat >try.pl <<'PL'
use strict;
use warnings;
use HTTP::Request;
use JSON::RPC;
use JSON::RPC::Dispatch;
use JSON::PP;
use Plack::Test;
use Router::Simple;

package Handler {
    sub new { return bless {}, shift }
    sub ping { return 'pong' }
    sub dies { die "in use\n" }
    sub dies_with_hash { die { code => 7, message => 'in use', data => { apps => ['WINWORD.EXE'] } } }
}

die "another version\n" if $JSON::RPC::VERSION ne '1.06';
my $router = Router::Simple->new;
$router->connect($_ => { handler => Handler->new, action => $_ }) for qw(ping dies dies_with_hash);
my $dispatch = JSON::RPC::Dispatch->new(router => $router);
my $json = JSON::PP->new->canonical->allow_nonref;

sub call { my ($method, $id) = @_; return qq({"jsonrpc":"2.0","id":$id,"method":"$method"}) }

my @bodies = map { call('ping', $_) } '1', '0', '"0"', '""', 'null';
push @bodies, map { call($_, 1) } qw(unknown dies dies_with_hash);
push @bodies, '[' . join(',', call('ping', 1), call('unknown', 2)) . ']';
test_psgi sub { $dispatch->handle_psgi(shift) }, sub {
    my $send = shift;
    for my $body (@bodies) {
        my $answer = $send->(HTTP::Request->new(POST => '/', ['Content-Type' => 'application/json'], $body))->content;
        print "$body: ", $json->encode($json->decode($answer)), "\n";
    }
};
PL
timeout 60 perl try.pl | tee seen
cat >expected <<'TEXT'
{"jsonrpc":"2.0","id":1,"method":"ping"}: {"id":1,"jsonrpc":"2.0","result":"pong"}
{"jsonrpc":"2.0","id":0,"method":"ping"}: {"id":0,"jsonrpc":"2.0","result":"pong"}
{"jsonrpc":"2.0","id":"0","method":"ping"}: {"id":"0","jsonrpc":"2.0","result":"pong"}
{"jsonrpc":"2.0","id":"","method":"ping"}: {"id":"","jsonrpc":"2.0","result":"pong"}
{"jsonrpc":"2.0","id":null,"method":"ping"}: {"id":null,"jsonrpc":"2.0","result":"pong"}
{"jsonrpc":"2.0","id":1,"method":"unknown"}: {"error":{"code":-32601,"message":"Procedure 'unknown' not found"}}
{"jsonrpc":"2.0","id":1,"method":"dies"}: {"error":{"code":-32603,"message":"in use\n"},"id":1,"jsonrpc":"2.0"}
{"jsonrpc":"2.0","id":1,"method":"dies_with_hash"}: {"error":{"code":-32603,"data":{"apps":["WINWORD.EXE"]},"message":"in use"},"id":1,"jsonrpc":"2.0"}
[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"unknown"}]: [{"id":1,"jsonrpc":"2.0","result":"pong"},{"error":{"code":-32601,"message":"Procedure 'unknown' not found"}}]
TEXT
diff expected seen
