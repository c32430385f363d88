#include "support/certificates.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

#include "model/destroy.h"
#include "support/process.h"

namespace streamgauge::test {
namespace {

void OpenSsl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Finished finished = RunToEnd({.argv = std::move(arguments), .env = {}, .cwd = {}});
  if (finished.exit_code != 0) throw std::runtime_error("openssl: " + finished.err);
}

using File = std::unique_ptr<std::FILE, Destroy<std::fclose>>;

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error("certificates: " + what + " failed");
}

// What OpenSSL's `read` makes of a file.
template <typename Delete, typename T>
std::unique_ptr<T, Delete> Load(const std::filesystem::path& path,
                                T* (*read)(std::FILE*, T**, pem_password_cb*, void*)) {
  const File file(std::fopen(path.c_str(), "r"));
  std::unique_ptr<T, Delete> loaded(file == nullptr ? nullptr
                                                    : read(file.get(), nullptr, nullptr, nullptr));
  if (loaded == nullptr) Fail("reading " + path.string());
  return loaded;
}

// Elliptic keys: made in no time.
std::vector<std::string> Request(const CertificateFiles& files, const std::string& name) {
  return {"req",     "-x509", "-newkey", "ec",    "-pkeyopt",    "ec_paramgen_curve:prime256v1",
          "-nodes",  "-days", "1",       "-subj", "/CN=" + name, "-keyout",
          files.key, "-out",  files.cert};
}

}  // namespace

bool CertificateAuthority::Available() { return FindProgram("openssl").has_value(); }

CertificateAuthority::CertificateAuthority(const std::string& name)
    : own_{folder_.path() / "ca.pem", folder_.path() / "ca.key"} {
  OpenSsl(Request(own_, name));
}

CertificateFiles CertificateAuthority::Issue(const std::string& name,
                                             const std::string& names) const {
  CertificateFiles files{folder_.path() / (name + ".pem"), folder_.path() / (name + ".key")};
  auto arguments = Request(files, name);
  for (const std::string& more :
       {std::string("-addext"), "subjectAltName=" + names, std::string("-addext"),
        std::string("basicConstraints=critical,CA:FALSE"), std::string("-CA"), own_.cert.string(),
        std::string("-CAkey"), own_.key.string()}) {
    arguments.push_back(more);
  }
  OpenSsl(std::move(arguments));
  return files;
}

// The command takes no end that is over: such a certificate is dated back and signed again.
CertificateFiles CertificateAuthority::IssueExpired(const std::string& name) const {
  CertificateFiles files = Issue(name);
  const auto certificate = Load<Destroy<X509_free>>(files.cert, PEM_read_X509);
  const auto key = Load<Destroy<EVP_PKEY_free>>(own_.key, PEM_read_PrivateKey);
  constexpr long kHour = 3600;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), -kHour);
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) Fail("signing");
  const File file(std::fopen(files.cert.c_str(), "w"));
  if (file == nullptr || PEM_write_X509(file.get(), certificate.get()) != 1) Fail("writing");
  return files;
}

}  // namespace streamgauge::test
