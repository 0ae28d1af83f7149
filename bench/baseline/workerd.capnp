# The least that an engine has to do, to compare the service with.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "baseline", worker = .baseline),
    (name = "data", disk = (writable = true)),
  ],
  sockets = [(name = "http", http = (), service = "baseline")],
);

const baseline :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  durableObjectNamespaces = [(className = "Bare", uniqueKey = "bare", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [(name = "OBJECTS", durableObjectNamespace = "Bare")],
);
