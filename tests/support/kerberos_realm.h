// A Kerberos realm of a test's own: a key distribution centre (MIT's krb5kdc) on 127.0.0.1 with its
// database in its own folder. Nothing of the system's is read or written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "support/process.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

// Not thread-safe. Everything that fails throws std::runtime_error with the program's words.
class KerberosRealm {
 public:
  static constexpr const char* kName = "STREAMGAUGE.TEST";

  static bool Available();  // krb5kdc, kadmin.local, kinit and libsasl2's GSSAPI plug-in

  // Starts it. This process and its children belong to the realm from then on (KRB5_CONFIG) and
  // keep their tickets in its folder (KRB5CCNAME). REQUIRES: no other thread reads the environment.
  KerberosRealm();

  const std::filesystem::path& config() const { return config_; }  // krb5.conf
  // A keytab with a new key of this principal, who is made when he is not there: the keys in all
  // keytabs before are void.
  std::filesystem::path Keytab(const std::string& principal);
  void ForgetTickets();  // that this process and its children have got

  void Start();  // on the same port, after Stop
  void Stop();

 private:
  void Administer(const std::string& query);

  TempDir folder_{"kerberos"};
  std::filesystem::path config_;
  std::uint16_t port_;
  int keytabs_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace streamgauge::test
