#include "support/certificates.h"

#include <stdexcept>
#include <vector>

#include "support/process.h"

namespace streamgauge::test {
namespace {

void OpenSsl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Finished finished = RunToEnd({.argv = std::move(arguments), .env = {}, .cwd = {}});
  if (finished.exit_code != 0) throw std::runtime_error("openssl: " + finished.err);
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

CertificateFiles CertificateAuthority::Issue(const std::string& name) const {
  CertificateFiles files{folder_.path() / (name + ".pem"), folder_.path() / (name + ".key")};
  auto arguments = Request(files, name);
  for (const std::string& more :
       {std::string("-addext"), std::string("subjectAltName=IP:127.0.0.1,DNS:localhost"),
        std::string("-addext"), std::string("basicConstraints=critical,CA:FALSE"),
        std::string("-CA"), own_.cert.string(), std::string("-CAkey"), own_.key.string()}) {
    arguments.push_back(more);
  }
  OpenSsl(std::move(arguments));
  return files;
}

}  // namespace streamgauge::test
