// Who may come in, by user and password (RFC 7617) against bcrypt hashes. Any thread may ask.
//
// A bcrypt hash costs tens of milliseconds by design. What was right once is remembered (as a
// digest), so that a scrape costs nothing; wrong ones are hashed one at a time, so that guessing
// takes one processor at most.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace streamgauge {

class BasicAuth {
 public:
  // `users`: name -> bcrypt hash. `authorization`: the value of the header, or empty. An unknown
  // user takes as long as a wrong password.
  bool LetsIn(const std::map<std::string, std::string>& users, std::string_view authorization);

 private:
  bool IsKnown(const std::string& digest);
  void Remember(std::string digest);

  std::mutex hashing_;
  std::mutex mutex_;  // of what follows
  std::set<std::string> known_;
};

}  // namespace streamgauge
