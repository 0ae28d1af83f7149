# The service as one image: docker build -t headcount . (docs/operations.md)
FROM node:24-bookworm AS build
WORKDIR /headcount
COPY . .
RUN npm ci --omit=dev && npm run build:binary && mkdir /empty

# It has the C and C++ libraries and the shell that the binary needs.
FROM debian:bookworm-slim
# For key servers and webhooks that are asked over https.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /headcount/dist/binary /opt/headcount
COPY --from=build --chown=10001:10001 /empty /data
ENV PATH=/opt/headcount:/usr/local/bin:/usr/bin:/bin
# The data are in .headcount below it, where every command looks for them.
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["headcount", "health"]
ENTRYPOINT ["headcount"]
CMD ["--host", "0.0.0.0"]
