# The service and nothing else. Data in /data; run it read-only: docker run --read-only -v …:/data
FROM node:20-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --silent
COPY web .
RUN npm run --silent build

FROM python:3.11-slim

RUN useradd --uid 10001 --create-home intake
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY crypto crypto
COPY intake intake
COPY migrations migrations
COPY --from=web /web/dist web/dist
COPY --from=web /web/dist-console web/dist-console
RUN mkdir -m 700 /data && chown intake /data
USER intake
ENV INTAKE_DATA_DIR=/data INTAKE_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
CMD ["sh", "-c", "python -m intake migrate && exec python -m intake serve"]
