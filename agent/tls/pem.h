// Certificates, keys and authorities in PEM, put into an OpenSSL context: what a server and a
// client have in common. Pure: reads no file. A failure is kUnauthorized; its message begins with
// the configuration's key that names the file ("key_file: is not the key of the certificate in
// cert_file") and shows nothing of the content.
#pragma once

#include <string>
#include <string_view>

#include "model/error.h"

struct ssl_ctx_st;

namespace streamgauge {

// cert_file: our certificate first, then its chain.
Result<void> UseCertificate(ssl_ctx_st& context, const std::string& pem);
// key_file. REQUIRES: UseCertificate has succeeded.
Result<void> UseKey(ssl_ctx_st& context, const std::string& pem);
// Whom to believe who the other side is; `key` names the file. A server tells its clients this
// list.
Result<void> TrustAuthorities(ssl_ctx_st& context, std::string_view key, const std::string& pem);

}  // namespace streamgauge
