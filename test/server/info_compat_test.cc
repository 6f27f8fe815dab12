#include "server/info_compat.h"

#include <doctest/doctest.h>

#include <string>

namespace torc {
namespace {

TEST_CASE("INFO says where the server listens") {
  ServerOptions options;
  options.bind = {"127.0.0.1", "-::1"};
  options.port = 7000;
  const auto text = [&options](int64_t tls_port) {
    std::string out;
    InfoWriter writer(&out);
    WriteListeners(writer, options, tls_port);
    return out;
  };
  CHECK(text(0) == "listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=7000\r\n");
  options.unix_socket = "/run/torc.sock";
  CHECK(text(7001) ==
        "listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=7000\r\n"
        "listener1:name=unix,bind=/run/torc.sock\r\n"
        "listener2:name=tls,bind=127.0.0.1,bind=-::1,port=7001\r\n");
  options.port = 0;
  options.unix_socket.clear();
  CHECK(text(0).empty());
}

}  // namespace
}  // namespace torc
