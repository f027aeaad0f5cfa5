# Two stages: the first builds the wheel with the build tools of the development lock, the second holds what runs.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY requirements/dev.lock requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/dev.lock
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:${PYTHON}-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SOJOURN_DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /data --create-home sojourn \
    && install --directory --owner=10001 --mode=0700 /pictures /columns
COPY requirements/runtime.lock /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/runtime.lock && rm /tmp/runtime.lock
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-deps /wheels/*.whl && rm -r /wheels
USER 10001
EXPOSE 8000
ENTRYPOINT ["sojourn"]
CMD ["api"]
