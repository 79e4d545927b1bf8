// Comunica listens on every network of the machine; with this, on loopback alone.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (port) {
  return listen.call(this, port, "127.0.0.1");
};
