#include "redis/reply_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace streamgauge {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(ReplyError, EachAnswerHasItsReason) {
  struct Row {
    const char* text;
    Reason reason;
    bool whole_server;
  };
  const Row rows[] = {
      {"NOAUTH Authentication required.", Reason::kUnauthorized, true},
      {"WRONGPASS invalid username-password pair or user is disabled.", Reason::kUnauthorized,
       true},
      {"NOPERM User m has no permissions to run the 'xinfo|groups' command", Reason::kUnauthorized,
       false},
      {"LOADING Redis is loading the dataset in memory", Reason::kUnavailable, true},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
       Reason::kUnavailable, true},
      {"ERR max number of clients reached", Reason::kUnavailable, true},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", Reason::kWrongType,
       false},
      {"NOGROUP No such consumer group 'g' for key name 's'", Reason::kNotFound, false},
      {"ERR no such key", Reason::kNotFound, false},
      {"ERR unknown command 'XINFO', with args beginning with:", Reason::kUnsupported, false},
      {"ERR Unknown subcommand or wrong number of arguments for 'GROUPS'", Reason::kUnsupported,
       false},
      {"ERR syntax error", Reason::kUnsupported, false},
      {"MOVED 1234 10.0.0.1:6379", Reason::kUnsupported, false},
      {"CLUSTERDOWN The cluster is down", Reason::kUnavailable, true},
      {"CLUSTERDOWN Hash slot not served", Reason::kUnavailable, false},
      {"SOMETHING new", Reason::kBadReply, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ToError(row.text, Request::kXinfoGroups, "s").reason, row.reason) << row.text;
    EXPECT_EQ(ConcernsWholeServer(row.text), row.whole_server) << row.text;
  }
}

TEST(ReplyError, SaysWhatToGrant) {
  EXPECT_THAT(ToError("NOPERM User m has no permissions to run the 'xinfo|groups' command",
                      Request::kXinfoGroups, "orders")
                  .message,
              HasSubstr("xinfo_groups of orders: NOPERM User m has no permissions to run the "
                        "'xinfo|groups' command; grant +xinfo|groups"));
  EXPECT_THAT(
      ToError("NOPERM No permissions to access a key", Request::kXpending, "orders").message,
      EndsWith("; grant %R~orders"));
  EXPECT_THAT(ToError("NOPERM this user has no permissions to access one of the keys used as "
                      "arguments",
                      Request::kXpending, "orders")
                  .message,
              EndsWith("; grant %R~orders (Redis 6: ~orders)"));
}

TEST(ReplyError, RepeatsOneLineOfBoundedLength) {
  const Error error = ToError("ERR " + std::string(5000, 'x') + "\nsecond", Request::kExec, "");
  EXPECT_LT(error.message.size(), 300u);
  EXPECT_EQ(ToError("ERR one\ntwo", Request::kExec, "").message, "exec: ERR one");
}

TEST(CommandBatch, WritesTheWireFormat) {
  CommandBatch batch;
  batch.Add(Request::kXlen, {"XLEN", "a key\r\n"});
  batch.Add(Request::kTime, {"TIME"});
  EXPECT_EQ(batch.wire(), "*2\r\n$4\r\nXLEN\r\n$7\r\na key\r\n\r\n*1\r\n$4\r\nTIME\r\n");
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_EQ(ToString(batch.request(1)), "time");
}

}  // namespace
}  // namespace streamgauge
