#include "support/kerberos_realm.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPortsToTry = 3;

std::string Text(const std::filesystem::path& path) { return path.string(); }

// What clients read. Names are taken as they are: no resolver has a say in whom a ticket is for.
std::string ClientConfig(std::uint16_t port) {
  const std::string realm = KerberosRealm::kName;
  return "[libdefaults]\n"
         "default_realm = " +
         realm +
         "\n"
         "dns_lookup_kdc = false\n"
         "dns_lookup_realm = false\n"
         "dns_canonicalize_hostname = false\n"
         "rdns = false\n"
         "udp_preference_limit = 1\n"
         "[realms]\n" +
         realm + " = {\nkdc = 127.0.0.1:" + std::to_string(port) +
         "\n}\n"
         "[domain_realm]\n"
         "localhost = " +
         realm + "\n";
}

std::string ServerConfig(std::uint16_t port, const std::filesystem::path& folder) {
  return "[kdcdefaults]\n"
         "kdc_listen = \"\"\n"
         "kdc_tcp_listen = 127.0.0.1:" +
         std::to_string(port) +
         "\n"
         "[realms]\n" +
         KerberosRealm::kName + " = {\ndatabase_name = " + Text(folder / "principal") +
         "\nkey_stash_file = " + Text(folder / "stash") + "\nacl_file = " + Text(folder / "acl") +
         "\nsupported_enctypes = aes256-cts:normal\n"
         "default_principal_flags = +preauth\n}\n"
         "[logging]\n"
         "default = STDERR\n";
}

void Run(const std::vector<std::string>& argv) {
  const Finished done = RunToEnd({.argv = argv});
  if (done.exit_code != 0) throw std::runtime_error(argv[0] + ": " + done.out + done.err);
}

bool Answers(std::uint16_t port) {
  const int fd = ConnectLoopback(port, seconds(1));
  if (fd < 0) return false;
  close(fd);
  return true;
}

bool HasPlugin() {
  for (const char* folder :
       {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"}) {
    if (std::filesystem::exists(std::filesystem::path(folder) / "sasl2/libgssapiv2.so")) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool KerberosRealm::Available() {
  return FindProgram("krb5kdc") && FindProgram("kadmin.local") && FindProgram("kinit") &&
         HasPlugin();
}

KerberosRealm::KerberosRealm() : config_(folder_.path() / "krb5.conf"), port_(FreePort()) {
  setenv("KRB5_CONFIG", config_.c_str(), 1);
  setenv("KRB5_KDC_PROFILE", (folder_.path() / "kdc.conf").c_str(), 1);
  setenv("KRB5CCNAME", ("FILE:" + Text(folder_.path() / "tickets")).c_str(), 1);
  for (int attempt = 0; attempt < kPortsToTry; ++attempt) {
    if (attempt > 0) port_ = FreePort();
    folder_.Write("krb5.conf", ClientConfig(port_));
    folder_.Write("kdc.conf", ServerConfig(port_, folder_.path()));
    if (attempt == 0) Run({"kdb5_util", "create", "-s", "-r", kName, "-P", "of the tests"});
    Start();
    if (process_->Running()) return;
  }
  throw std::runtime_error("krb5kdc does not start: " + process_->OutputTail());
}

void KerberosRealm::Start() {
  process_ = std::make_unique<Process>(ProcessOptions{.argv = {"krb5kdc", "-n", "-r", kName}});
  const bool settled = WaitFor([this] { return !process_->Running() || Answers(port_); },
                               seconds(20), milliseconds(10));
  if (!settled) throw std::runtime_error("krb5kdc opens no port: " + process_->OutputTail());
}

void KerberosRealm::Stop() { process_->Stop(); }

void KerberosRealm::Administer(const std::string& query) {
  Run({"kadmin.local", "-r", kName, "-q", query});
}

std::filesystem::path KerberosRealm::Keytab(const std::string& principal) {
  std::filesystem::path file = folder_.path() / ("keytab" + std::to_string(++keytabs_));
  Administer("addprinc -randkey " + principal);  // says so, and does not fail, where he is there
  Administer("ktadd -k " + Text(file) + " " + principal);
  if (!std::filesystem::exists(file)) throw std::runtime_error("no keytab of " + principal);
  return file;
}

void KerberosRealm::ForgetTickets() { std::filesystem::remove(folder_.path() / "tickets"); }

}  // namespace streamgauge::test
