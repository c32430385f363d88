// Every kind of problem that a configuration can have: where it stands and what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "config/config_file.h"

namespace streamgauge {
namespace {

using test::Messages;
using test::WithKafka;
using test::WithRedis;
using test::WithTop;
using testing::ElementsAre;

struct ProblemCase {
  std::string why;
  std::string text;
  std::string message;  // of the only problem
};
void PrintTo(const ProblemCase& row, std::ostream* out) { *out << row.why; }

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::string ManyKeys(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "key" + std::to_string(i) + ":\n";
  return text;
}

class ConfigProblemTest : public testing::TestWithParam<ProblemCase> {};

TEST_P(ConfigProblemTest, IsTheOnlyOneAndSaysWhatIsAllowed) {
  EXPECT_THAT(Messages(GetParam().text), ElementsAre(GetParam().message)) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(
    Documents, ConfigProblemTest,
    testing::Values(
        ProblemCase{"an empty file watches nothing", "",
                    "agent.yaml: targets: there must be at least one target"},
        ProblemCase{"what yaml-cpp takes for UTF-16, and reads as nothing",
                    std::string("\0&\0\x10{targets: []}", 17),
                    "agent.yaml: is not UTF-8 text; save it as UTF-8 without NUL bytes"},
        ProblemCase{"UTF-16 by its first two bytes", "\xFE\xFFtargets",
                    "agent.yaml: is not UTF-8 text; save it as UTF-8 without NUL bytes"},
        ProblemCase{"comments are no content", "# nothing\n",
                    "agent.yaml: targets: there must be at least one target"},
        ProblemCase{"a list is no configuration", "- a\n- b\n",
                    "agent.yaml:1: must be a mapping (key: value), this is a list"},
        ProblemCase{"nor is a text", "hello\n",
                    "agent.yaml:1: must be a mapping (key: value), this is a text"},
        ProblemCase{"no targets is no agent", "targets: []\n",
                    "agent.yaml:1: targets: there must be at least one target"},
        ProblemCase{"targets of a wrong type", "targets: 5\n",
                    "agent.yaml:1: targets: must be a list of mappings (- key: value), this is a "
                    "text"},
        ProblemCase{
            "a syntax error has its line", "targets:\n  - name: [a\n",
            "agent.yaml:3: not valid YAML: end of sequence flow not found; is every { and [ "
            "closed, and every text with one of { } [ ] , # in quotes?"},
        ProblemCase{"a variable in braces needs quotes there", "targets: [{name: ${NAME}}]\n",
                    "agent.yaml:1: not valid YAML: end of map flow not found; is every { and [ "
                    "closed, and every text with one of { } [ ] , # in quotes?"},
        ProblemCase{"a key that is indented by one blank less",
                    "targets:\n  - name: a\n   type: redis\n",
                    "agent.yaml:3: not valid YAML: end of sequence not found; is it indented like "
                    "the keys and lists around it?"},
        ProblemCase{"a colon within a text", "log: level: info\n",
                    "agent.yaml:1: not valid YAML: illegal map value; does a text with \": \" in "
                    "it stand in quotes?"},
        ProblemCase{"tabs do not indent", "targets:\n\t- name: a\n",
                    "agent.yaml:2: not valid YAML: illegal block entry; tabs do not indent: write "
                    "spaces"},
        ProblemCase{"a quote that nobody closes would take all that follows for a name",
                    "targets:\n  - name: \"a\n    type: redis\n",
                    "agent.yaml:4: not valid YAML: illegal EOF in scalar; is every quote closed?"},
        ProblemCase{"nor do blanks at the end of the file close it", "targets: [{name: 'a \t",
                    "agent.yaml:2: not valid YAML: illegal EOF in scalar; is every quote closed?"},
        ProblemCase{"more keys than anybody watches: each is compared with all beside it",
                    ManyKeys(100'000), "agent.yaml:10001: the file has more than 10000 keys"},
        ProblemCase{"the same, in mappings of their own",
                    "a: [" + Repeat("{b: c},\n", 50'000) + "]",
                    "agent.yaml:10001: the file has more than 10000 keys"},
        ProblemCase{"the second of two keys would win in silence",
                    WithTop("log: {level: info}\nlog: {}"),
                    "agent.yaml:2: the key \"log\" stands here a second time (first in line 1)"},
        ProblemCase{"a second document would be ignored", WithTop("") + "---\nlog: {}\n",
                    "agent.yaml:4: a second YAML document starts here; one is allowed"},
        ProblemCase{"an alias within itself", WithTop("log: &t {level: *t}"),
                    "agent.yaml:1: an alias refers to something that it is part of"},
        ProblemCase{"tags would change types", WithTop("poll_interval: !!str 5s"),
                    "agent.yaml:1: YAML tags are not supported (tag:yaml.org,2002:str)"},
        ProblemCase{"a key that is a list", WithTop("[a, b]: c"),
                    "agent.yaml:1: a key must be a word, this one is a list"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, ConfigProblemTest,
    testing::Values(
        ProblemCase{"a misspelt key is recognised", WithTop("pol_interval: 5s"),
                    "agent.yaml:1: pol_interval: unknown key; did you mean poll_interval?"},
        ProblemCase{"neighbours swapped", WithTop("htpt: {}"),
                    "agent.yaml:1: htpt: unknown key; did you mean http?"},
        ProblemCase{"nothing is near: all are named", WithTop("log: {colour: red}"),
                    "agent.yaml:1: log.colour: unknown key; allowed are format or level"},
        ProblemCase{"a misspelt secret's value is not shown", WithRedis("    passwrod: hunter2\n"),
                    "agent.yaml:5: targets[0].passwrod: unknown key; did you mean password?"},
        ProblemCase{"YAML merge keys are not known", WithTop("<<: {log: {}}"),
                    "agent.yaml:1: merge keys (<<) are not supported"},
        ProblemCase{"a key of the other type", WithRedis("    brokers: [a:1]\n"),
                    "agent.yaml:5: targets[0].brokers: is a key of type kafka, not of redis"},
        ProblemCase{"and the other way round", WithKafka("    address: redis://h\n"),
                    "agent.yaml:5: targets[0].address: is a key of type redis, not of kafka"}));

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigProblemTest,
    testing::Values(
        ProblemCase{"not a duration", WithTop("poll_interval: 5x"),
                    "agent.yaml:1: poll_interval: \"5x\" is not a duration (try 5s, 2m)"},
        ProblemCase{"a unit is needed", WithTop("poll_interval: 10"),
                    "agent.yaml:1: poll_interval: \"10\" has no unit (try 10s)"},
        ProblemCase{"no fractions", WithTop("poll_interval: 1.5s"),
                    "agent.yaml:1: poll_interval: \"1.5s\" is not a duration (try 5s, 2m)"},
        ProblemCase{"no negative durations", WithTop("poll_interval: -5s"),
                    "agent.yaml:1: poll_interval: \"-5s\" is not a duration (try 5s, 2m)"},
        ProblemCase{"zero would poll without a pause", WithTop("poll_interval: 0s"),
                    "agent.yaml:1: poll_interval: \"0s\" is out of range (100ms to 1h)"},
        ProblemCase{
            "does not fit into 64 bits", WithTop("poll_interval: 99999999999999999h"),
            "agent.yaml:1: poll_interval: \"99999999999999999h\" is not a duration (try 5s, "
            "2m)"},
        ProblemCase{"a list is no duration", WithTop("poll_interval: [5s]"),
                    "agent.yaml:1: poll_interval: must be a text or number, this is a list"},
        ProblemCase{"YAML 1.1's yes is no boolean here", WithTop("http: {enable_reload: yes}"),
                    "agent.yaml:1: http.enable_reload: \"yes\" is neither true nor false"},
        ProblemCase{"a listen address has a port", WithTop("http: {listen: localhost}"),
                    "agent.yaml:1: http.listen: \"localhost\" is not host:port (try 0.0.0.0:9760, "
                    "[::]:9760 or 127.0.0.1:0)"},
        ProblemCase{"ports end at 65535", WithTop("http: {listen: \":70000\"}"),
                    "agent.yaml:1: http.listen: \":70000\" is not host:port (try 0.0.0.0:9760, "
                    "[::]:9760 or 127.0.0.1:0)"},
        ProblemCase{"a mapping is wanted", WithTop("http: 9760"),
                    "agent.yaml:1: http: must be a mapping (key: value), this is a text"},
        ProblemCase{
            "a log level of Python's", WithTop("log: {level: warning}"),
            "agent.yaml:1: log.level: \"warning\" is not allowed (allowed: debug, info, warn "
            "or error)"},
        ProblemCase{
            "a near miss", WithTop("log: {format: jsn}"),
            "agent.yaml:1: log.format: \"jsn\" is not allowed; did you mean json? (allowed: "
            "text or json)"},
        ProblemCase{"a number with a word", WithRedis("    max_streams: many\n"),
                    "agent.yaml:5: targets[0].max_streams: \"many\" is not a whole number"},
        ProblemCase{"a fraction", WithRedis("    max_streams: 1.5\n"),
                    "agent.yaml:5: targets[0].max_streams: \"1.5\" is not a whole number"},
        ProblemCase{"a negative number", WithRedis("    max_streams: -1\n"),
                    "agent.yaml:5: targets[0].max_streams: \"-1\" is out of range (1 to 1000000)"},
        ProblemCase{
            "too large for 64 bits", WithRedis("    count_limit: 99999999999999999999\n"),
            "agent.yaml:5: targets[0].count_limit: \"99999999999999999999\" is out of range "
            "(0 to 10000000)"},
        ProblemCase{"just a sign", WithRedis("    max_streams: \"-\"\n"),
                    "agent.yaml:5: targets[0].max_streams: \"-\" is not a whole number"},
        ProblemCase{"a pattern list that is none",
                    WithRedis("    streams: {include: \"orders:*\"}\n"),
                    "agent.yaml:5: targets[0].streams.include: must be a list ([a, b]), this is a "
                    "text"},
        ProblemCase{"nothing included", WithRedis("    streams: {include: []}\n"),
                    "agent.yaml:5: targets[0].streams.include: is an empty list: nothing would be "
                    "watched (try [\"*\"])"},
        ProblemCase{"an empty pattern", WithRedis("    groups: {exclude: [\"\"]}\n"),
                    "agent.yaml:5: targets[0].groups.exclude[0]: is empty: no name is"},
        ProblemCase{"a null in a list", WithRedis("    groups: {exclude: [a, ~]}\n"),
                    "agent.yaml:5: targets[0].groups.exclude[1]: must be a text or number, this is "
                    "empty"},
        ProblemCase{"a long value is cut", WithTop("poll_interval: " + std::string(100, 'x')),
                    "agent.yaml:1: poll_interval: \"" + std::string(60, 'x') +
                        "...\" is not a duration (try 5s, 2m)"},
        ProblemCase{"a value of several lines stays on one",
                    WithTop("poll_interval: \"a\\nb\\x1b\""),
                    "agent.yaml:1: poll_interval: \"a b \" is not a duration (try 5s, 2m)"}));

INSTANTIATE_TEST_SUITE_P(
    Targets, ConfigProblemTest,
    testing::Values(
        ProblemCase{"a text as a target has no keys to miss", "targets: [a]\n",
                    "agent.yaml:1: targets[0]: must be a mapping (key: value), this is a text"},
        ProblemCase{"an empty list item", "targets:\n  -\n", "agent.yaml:3: targets[0]: is empty"},
        ProblemCase{"without a name", "targets: [{type: redis, address: redis://h}]\n",
                    "agent.yaml:1: targets[0].name: is missing: the target's name in metrics and "
                    "logs, one of its own"},
        ProblemCase{
            "without a type, its other keys are left in peace",
            "targets: [{name: a, address: redis://h, brokers: [a:1]}]\n",
            "agent.yaml:1: targets[0].type: is missing: what the target is (redis or kafka)"},
        ProblemCase{"an unknown type", "targets: [{name: a, type: rabbitmq, address: x}]\n",
                    "agent.yaml:1: targets[0].type: \"rabbitmq\" is not allowed (allowed: redis or "
                    "kafka)"},
        ProblemCase{
            "an empty name", "targets: [{name: \"\", type: redis, address: redis://h}]\n",
            "agent.yaml:1: targets[0].name: \"\" is no name (1 to 100 bytes without control "
            "characters)"},
        ProblemCase{
            "two of one name",
            "targets:\n- {name: a, type: redis, address: redis://h}\n- {name: a, type: kafka, "
            "brokers: [h:1]}\n",
            "agent.yaml:3: targets[1].name: \"a\" is taken by targets[0].name; names must be "
            "unique"},
        ProblemCase{"no address", "targets: [{name: a, type: redis}]\n",
                    "agent.yaml:1: targets[0].address: is missing: where Redis is (try "
                    "redis://127.0.0.1:6379/0)"},
        ProblemCase{"no brokers", "targets: [{name: a, type: kafka}]\n",
                    "agent.yaml:1: targets[0].brokers: is missing: where Kafka is (try "
                    "[127.0.0.1:9092])"},
        ProblemCase{
            "no broker in the list", "targets: [{name: a, type: kafka, brokers: []}]\n",
            "agent.yaml:1: targets[0].brokers: has no address in it (try [127.0.0.1:9092])"},
        ProblemCase{"no address in the list", "targets: [{name: a, type: redis, address: []}]\n",
                    "agent.yaml:1: targets[0].address: has no address in it (try "
                    "redis://127.0.0.1:6379/0)"},
        ProblemCase{"a broker without a port", "targets: [{name: a, type: kafka, brokers: [h]}]\n",
                    "agent.yaml:1: targets[0].brokers[0]: \"h\" is not host:port (try "
                    "127.0.0.1:9092)"},
        ProblemCase{
            "the timeout would reach the next poll",
            WithRedis("    poll_interval: 5s\n    timeout: 5s\n"),
            "agent.yaml:6: targets[0].timeout: must be shorter than poll_interval, 5s is not "
            "below 5s"},
        ProblemCase{"the password twice", WithRedis("    password: a\n    password_file: b\n"),
                    "agent.yaml:6: targets[0].password_file: the password is given more than once "
                    "(password_file, password, address); keep one"},
        ProblemCase{"the password in the address too",
                    "targets: [{name: a, type: redis, address: \"redis://u:p@h\", password: q}]\n",
                    "agent.yaml:1: targets[0].password: the password is given more than once "
                    "(password_file, password, address); keep one"},
        ProblemCase{"the user in the address too",
                    "targets: [{name: a, type: redis, address: \"redis://u@h\", username: v}]\n",
                    "agent.yaml:1: targets[0].username: the address has a user too; keep one"},
        ProblemCase{"an empty password is none", WithRedis("    password: \"\"\n"),
                    "agent.yaml:5: targets[0].password: is empty; leave the key out where there is "
                    "no password"},
        ProblemCase{"a wrong type of a password", WithRedis("    password: [hunter2]\n"),
                    "agent.yaml:5: targets[0].password: must be a text or number, this is a list"},
        ProblemCase{
            "an address that is broken shows no password",
            "targets: [{name: a, type: redis, address: \"redis://u:hunter2@h:x\"}]\n",
            "agent.yaml:1: targets[0].address: \"redis://***@h:x\": host and port cannot be "
            "read (IPv6 stands in brackets: [::1]:6379); write redis://host:port/database"},
        ProblemCase{"the SASL password twice",
                    WithKafka("    properties: {sasl.password: a, sasl.password_file: b}\n"),
                    "agent.yaml:5: targets[0].properties[\"sasl.password\"]: sasl.password_file is "
                    "given too; keep one"},
        ProblemCase{"a property without a value", WithKafka("    properties: {client.id: }\n"),
                    "agent.yaml:5: targets[0].properties[\"client.id\"]: must be a text or number, "
                    "this is empty"}));

// A whole file with a target that has this address and this tls section.
std::string WithTls(const std::string& address, const std::string& tls) {
  return "targets: [{name: r, type: redis, address: " + address + ", tls: " + tls + "}]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Tls, ConfigProblemTest,
    testing::Values(
        ProblemCase{"without the scheme nothing would be encrypted",
                    WithTls("\"redis://h\"", "{ca_file: ca.pem}"),
                    "agent.yaml:1: targets[0].tls: redis:// is without TLS: write rediss://, or "
                    "leave it out"},
        ProblemCase{"whatever of it is given",
                    WithTls("\"redis://h\"", "{insecure_skip_verify: true}"),
                    "agent.yaml:1: targets[0].tls: redis:// is without TLS: write rediss://, or "
                    "leave it out"},
        ProblemCase{"a socket has none", WithTls("\"unix:///s\"", "{server_name: h}"),
                    "agent.yaml:1: targets[0].tls: a Unix socket has no TLS: leave it out"},
        ProblemCase{"a certificate without its key",
                    WithTls("\"rediss://h\"", "{cert_file: c.pem}"),
                    "agent.yaml:1: targets[0].tls.key_file: is missing: the private key of the "
                    "certificate in cert_file"},
        ProblemCase{"a key without its certificate", WithTls("\"rediss://h\"", "{key_file: k.pem}"),
                    "agent.yaml:1: targets[0].tls.cert_file: is missing: the certificate of the "
                    "key in key_file"},
        ProblemCase{"an authority that nobody asks",
                    WithTls("\"rediss://h\"", "{ca_file: c.pem, insecure_skip_verify: true}"),
                    "agent.yaml:1: targets[0].tls.insecure_skip_verify: nothing is verified then; "
                    "leave it or ca_file out"},
        ProblemCase{"a misspelt key", WithTls("\"rediss://h\"", "{cafile: c.pem}"),
                    "agent.yaml:1: targets[0].tls.cafile: unknown key; did you mean ca_file?"}));

// A whole file with a target behind sentinels: its address, its section sentinel, further keys.
std::string WithSentinels(const std::string& address, const std::string& sentinel,
                          const std::string& more = "") {
  return "targets: [{name: r, type: redis, mode: sentinel, address: \"" + address +
         "\", sentinel: {master: m" + sentinel + "}" + more + "}]\n";
}

INSTANTIATE_TEST_SUITE_P(
    TlsOfSentinels, ConfigProblemTest,
    testing::Values(
        ProblemCase{"settings of sentinels that are spoken to without TLS",
                    WithSentinels("redis://h", ", tls: {ca_file: c}, primary_tls: true"),
                    "agent.yaml:1: targets[0].sentinel.tls: the sentinels' redis:// is without "
                    "TLS: write rediss://, or leave it out"},
        ProblemCase{"nobody would use them", WithSentinels("redis://h", "", ", tls: {ca_file: c}"),
                    "agent.yaml:1: targets[0].tls: redis:// is without TLS: write rediss://, or "
                    "sentinel.primary_tls: true where the primary alone speaks TLS, or leave it "
                    "out"},
        ProblemCase{"nor these",
                    WithSentinels("rediss://h", ", primary_tls: false, tls: {ca_file: d}",
                                  ", tls: {ca_file: c}"),
                    "agent.yaml:1: targets[0].tls: the sentinels have a tls of their own, and the "
                    "primary is without (sentinel.primary_tls: false): leave it out"},
        ProblemCase{"a certificate without its key",
                    WithSentinels("rediss://h", ", tls: {cert_file: c}"),
                    "agent.yaml:1: targets[0].sentinel.tls.key_file: is missing: the private key "
                    "of the certificate in cert_file"},
        ProblemCase{"a password twice",
                    WithSentinels("redis://h", ", password: a, password_file: b"),
                    "agent.yaml:1: targets[0].sentinel.password_file: the password is given more "
                    "than once (password_file, password, address); keep one"},
        ProblemCase{"a primary of nobody", WithRedis("    sentinel: {primary_tls: true}\n"),
                    "agent.yaml:5: targets[0].sentinel.primary_tls: is for mode: sentinel"},
        ProblemCase{"likewise", WithRedis("    sentinel: {tls: {ca_file: c}}\n"),
                    "agent.yaml:5: targets[0].sentinel.tls: is for mode: sentinel"}));

INSTANTIATE_TEST_SUITE_P(
    Sockets, ConfigProblemTest,
    testing::Values(
        ProblemCase{"a path alone", "targets: [{name: r, type: redis, address: /run/redis.sock}]\n",
                    "agent.yaml:1: targets[0].address: \"/run/redis.sock\": a Unix socket is "
                    "written otherwise; write unix:///path?db=number"},
        ProblemCase{"a relative path",
                    "targets: [{name: r, type: redis, address: \"unix://redis.sock\"}]\n",
                    "agent.yaml:1: targets[0].address: \"unix://redis.sock\": the path is missing, "
                    "or is not absolute; write unix:///path?db=number"}));

INSTANTIATE_TEST_SUITE_P(
    Topologies, ConfigProblemTest,
    testing::Values(
        ProblemCase{"sentinels know primaries by name", WithRedis("    mode: sentinel\n"),
                    "agent.yaml:2: targets[0].sentinel.master: is missing: the name that the "
                    "sentinels know the primary by"},
        ProblemCase{"a sentinel section without sentinels",
                    WithRedis("    sentinel: {master: m}\n"),
                    "agent.yaml:5: targets[0].sentinel.master: is for mode: sentinel"},
        ProblemCase{"whose password it is, of the sentinel or of Redis, would be a guess",
                    "targets: [{name: a, type: redis, address: \"redis://:p@h\", mode: sentinel, "
                    "sentinel: {master: m}}]\n",
                    "agent.yaml:1: targets[0].address: credentials in a sentinel's address could "
                    "be those of either: write username and password_file for Redis, "
                    "sentinel.username and sentinel.password_file for the sentinels"},
        ProblemCase{"clusters have one database",
                    "targets: [{name: a, type: redis, address: redis://h/1, mode: cluster}]\n",
                    "agent.yaml:1: targets[0].address: a cluster has no database but 0"},
        ProblemCase{"one primary has one database, whichever sentinel names it",
                    "targets: [{name: a, type: redis, address: [redis://h/1, redis://i/2], mode: "
                    "sentinel, sentinel: {master: m}}]\n",
                    "agent.yaml:1: targets[0].address[1]: the addresses name different databases"},
        ProblemCase{"nodes of a cluster share their users",
                    "targets: [{name: a, type: redis, address: [\"redis://:p@h\", redis://i], "
                    "mode: cluster}]\n",
                    "agent.yaml:1: targets[0].address[1]: the addresses have different "
                    "credentials; write username and password_file instead"},
        ProblemCase{"several servers of which one would be watched",
                    "targets: [{name: a, type: redis, address: [redis://h, redis://i]}]\n",
                    "agent.yaml:1: targets[0].address: several addresses are for mode: sentinel or "
                    "cluster; give one"}));

INSTANTIATE_TEST_SUITE_P(
    Shards, ConfigProblemTest,
    testing::Values(
        ProblemCase{"an impossible one", WithTop("shard: {index: 1}"),
                    "agent.yaml:1: shard.index: must be below total (1)"},
        ProblemCase{"counted from 1", WithTop("shard: {index: pod-3, total: 3}"),
                    "agent.yaml:1: shard.index: must be below total (3)"},
        ProblemCase{"all would do the same part", WithTop("shard: {total: 3}"),
                    "agent.yaml:1: shard.index: is missing: which of the shards this agent is, "
                    "from 0"},
        ProblemCase{"no ordinal", WithTop("shard: {index: streamgauge-7d9fb, total: 3}"),
                    "agent.yaml:1: shard.index: \"streamgauge-7d9fb\" is neither a whole number "
                    "nor a name that ends in one after a hyphen (streamgauge-2)"},
        ProblemCase{"a negative index", WithTop("shard: {index: -1, total: 3}"),
                    "agent.yaml:1: shard.index: \"-1\" is neither a whole number nor a name that "
                    "ends in one after a hyphen (streamgauge-2)"},
        ProblemCase{"no shards", WithTop("shard: {index: 0, total: 0}"),
                    "agent.yaml:1: shard.total: \"0\" is out of range (1 to 1000)"}));

INSTANTIATE_TEST_SUITE_P(
    AcrossKeys, ConfigProblemTest,
    testing::Values(
        ProblemCase{"figures would flicker", WithTop("stale_after: 12s\npoll_interval: 10s"),
                    "agent.yaml:1: stale_after: 12s is too short for target r: at least its "
                    "poll_interval + timeout (15s)"},
        ProblemCase{"said once, of the slowest",
                    "stale_after: 12s\ntargets:\n"
                    "- {name: a, type: redis, address: redis://h}\n"
                    "- {name: b, type: redis, address: redis://h, poll_interval: 20s}\n"
                    "- {name: c, type: redis, address: redis://h}\n",
                    "agent.yaml:1: stale_after: 12s is too short for target b: at least its "
                    "poll_interval + timeout (25s)"},
        ProblemCase{"an interval that is none is no measure for a timeout",
                    WithRedis("    poll_interval: 30\n    timeout: 20s\n"),
                    "agent.yaml:5: targets[0].poll_interval: \"30\" has no unit (try 30s)"},
        ProblemCase{"nor a timeout for stale_after",
                    WithRedis("    timeout: 1\n") + "stale_after: 11s\n",
                    "agent.yaml:5: targets[0].timeout: \"1\" has no unit (try 1s)"},
        ProblemCase{"nor a wrong stale_after for an interval",
                    WithTop("poll_interval: 1m\nstale_after: 9"),
                    "agent.yaml:2: stale_after: \"9\" has no unit (try 9s)"},
        ProblemCase{"nor a wrong window", WithTop("poll_interval: 2m\nsignals: {window: 9}"),
                    "agent.yaml:2: signals.window: \"9\" has no unit (try 9s)"},
        ProblemCase{
            "no rate from two points", WithTop("poll_interval: 2m"),
            "agent.yaml:1: signals.window: 5m is too short for target r: at least three times "
            "its poll_interval (6m)"},
        ProblemCase{"the same, given", WithTop("poll_interval: 1m\nsignals: {window: 1m}"),
                    "agent.yaml:2: signals.window: 1m is too short for target r: at least three "
                    "times its poll_interval (3m)"},
        ProblemCase{"one job may take longer than the window",
                    WithTop("signals: {window: 1h, pending_window: 30m}"),
                    "agent.yaml:1: signals.pending_window: must not be shorter than window"},
        ProblemCase{"an objective for nobody", WithTop("objectives: [{target: x, lag_seconds: 1}]"),
                    "agent.yaml:1: objectives[0].target: \"x\" matches no target"},
        ProblemCase{
            "an objective without a number", WithTop("objectives: [{group: g}]"),
            "agent.yaml:1: objectives[0].lag_seconds: is missing: how old an unread message "
            "may get, in seconds (try 30)"},
        ProblemCase{"seconds are a number", WithTop("objectives: [{lag_seconds: 30s}]"),
                    "agent.yaml:1: objectives[0].lag_seconds: \"30s\" is not a number (try 30)"},
        ProblemCase{"an objective of 0 is always missed", WithTop("objectives: [{lag_seconds: 0}]"),
                    "agent.yaml:1: objectives[0].lag_seconds: \"0\" is out of range (more than 0)"},
        ProblemCase{"not a number is no number", WithTop("objectives: [{lag_seconds: nan}]"),
                    "agent.yaml:1: objectives[0].lag_seconds: \"nan\" is out of range (more than "
                    "0)"}));

INSTANTIATE_TEST_SUITE_P(
    EnvironmentVariables, ConfigProblemTest,
    testing::Values(
        ProblemCase{"a variable must be set", WithRedis("    password: ${REDIS_PASSWORD}\n"),
                    "agent.yaml:5: targets[0].password: the environment variable REDIS_PASSWORD is "
                    "not set"},
        ProblemCase{"reported once, although properties are read twice",
                    WithKafka("    properties: {sasl.password_file: \"${X}\"}\n"),
                    "agent.yaml:5: targets[0].properties[\"sasl.password_file\"]: the environment "
                    "variable X is not set"},
        ProblemCase{"a shell's default is not known", WithRedis("    username: ${A:-b}\n"),
                    "agent.yaml:5: targets[0].username: a ${...} does not hold the name of a "
                    "variable (write $${ for a literal ${)"},
        ProblemCase{"never closed", WithRedis("    username: \"${A\"\n"),
                    "agent.yaml:5: targets[0].username: a ${ has no closing } (write $${ for a "
                    "literal ${)"}));

}  // namespace
}  // namespace streamgauge
