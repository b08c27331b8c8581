/* A closed-loop HTTP/1.1 load generator for OAuth workloads: one thread, epoll, keep-alive connections.
 *
 *   generator -p PORT -c CONNECTIONS -s SECONDS -w WARM_UP_SECONDS -m MODE -r REQUESTS [-v VALUES]
 *
 * Each connection sends its next request as soon as it has its answer. REQUESTS is a file of whole HTTP requests,
 * separated by lines "%%%%". In a request, @VALUE@ (in the body, once) stands for a value that changes, and @LENGTH@ for
 * the length of the body.
 *
 *   cycle   the requests in turn, as they are
 *   once    the one request with each line of the file VALUES, every line used once (client assertions)
 *   chain   the one request; each connection begins with a line of VALUES and goes on with the "refresh_token" of its
 *           last answer (rotating refresh tokens)
 *   flow    two requests are one operation: the first answers a redirect with a code, which is the second one's value
 *
 * An answer that is not 2xx (in a flow, first: a 3xx with a code) is an error. Only 127.0.0.1 is spoken to.
 * Prints one JSON object: operations a second in the measured time, latencies, errors, and all operations, those of the
 * warm-up included (`all_operations`, for dividing the server's CPU time by). */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_BYTES (1 << 17)
#define VALUE_BYTES 8192
#define REQUEST_BYTES (1 << 17)

typedef enum { CYCLE, ONCE, CHAIN, FLOW } Mode;

typedef struct {
    char *text;
    size_t length;
} Text;

typedef struct {
    Text *items;
    size_t count;
} List;

typedef struct {
    int socket;
    bool is_retired; /* it has nothing more to send */
    int step;        /* of a flow: 0 asks for the code, 1 redeems it */
    uint64_t began_at;
    char value[VALUE_BYTES];
    char request[REQUEST_BYTES];
    char answer[ANSWER_BYTES];
    size_t answered;
} Connection;

typedef struct {
    int status;
    char *head, *body;
    size_t body_length, length;
} Answer;

static Mode mode;
static int port, poll_set;
static List requests, values;
static size_t next_request, next_value;
static bool is_measuring, is_exhausted;
static uint64_t *latencies;
static size_t measured, latencies_size, all_operations, errors;
static char first_error[300];

static void die(const char *what) {
    perror(what);
    exit(2);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- input ---------------------------------------------------------------------------------------------------- */

static Text read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(length + 1);
    if (!text || fread(text, 1, length, file) != length) die(path);
    text[length] = 0;
    fclose(file);
    return (Text){text, length};
}

static void append(List *list, char *text) {
    if (!*text) return;
    if ((list->count & (list->count - 1)) == 0)
        list->items = realloc(list->items, (list->count ? list->count * 2 : 1) * sizeof *list->items);
    list->items[list->count++] = (Text){text, strlen(text)};
}

static List split(Text whole, const char *separator) {
    List parts = {0};
    char *begin = whole.text, *end;
    while ((end = strstr(begin, separator))) {
        *end = 0;
        append(&parts, begin);
        begin = end + strlen(separator);
    }
    append(&parts, begin);
    return parts;
}

/* ---- sending -------------------------------------------------------------------------------------------------- */

static void open_connection(Connection *connection) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address)) die("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poll_set, EPOLL_CTL_ADD, connection->socket, &event)) die("epoll_ctl");
    connection->answered = 0;
}

/* The request with its value and its body's length filled in; gives how long it is. */
static size_t fill_in(Connection *connection, Text request, const char *value) {
    char *out = connection->request;
    char *head_end = strstr(request.text, "\r\n\r\n");
    if (!head_end || request.length + strlen(value) + 32 > REQUEST_BYTES) die("a request has no head or is too long");
    char *body = head_end + 4, *end = request.text + request.length;
    char *place = strstr(body, "@VALUE@"), *length_place = strstr(request.text, "@LENGTH@");
    size_t body_length = (size_t)(end - body) + (place ? strlen(value) - strlen("@VALUE@") : 0);
    char *from = request.text;
    if (length_place) {
        out = mempcpy(out, from, (size_t)(length_place - from));
        out += sprintf(out, "%zu", body_length);
        from = length_place + strlen("@LENGTH@");
    }
    if (place) {
        out = mempcpy(out, from, (size_t)(place - from));
        out = mempcpy(out, value, strlen(value));
        from = place + strlen("@VALUE@");
    }
    out = mempcpy(out, from, (size_t)(end - from));
    return (size_t)(out - connection->request);
}

static void send_next(Connection *connection) {
    Text request = requests.items[mode == FLOW ? connection->step : 0];
    const char *value = connection->value;
    if (mode == CYCLE) {
        request = requests.items[next_request];
        next_request = (next_request + 1) % requests.count;
    } else if (mode == ONCE) {
        if (next_value == values.count) {
            is_exhausted = connection->is_retired = true;
            return;
        }
        value = values.items[next_value++].text;
    }
    size_t length = fill_in(connection, request, value), sent = 0;
    if (connection->step == 0) connection->began_at = now();
    while (sent < length) {
        ssize_t wrote = write(connection->socket, connection->request + sent, length - sent);
        if (wrote < 0 && errno != EINTR) break; /* the server closed it: reading will tell */
        if (wrote > 0) sent += (size_t)wrote;
    }
}

/* ---- answers -------------------------------------------------------------------------------------------------- */

/* Whether a whole answer is there. Every answer has to state its Content-Length. */
static bool read_answer(Connection *connection, Answer *answer) {
    connection->answer[connection->answered] = 0;
    char *end = strstr(connection->answer, "\r\n\r\n");
    if (!end) return false;
    char *length = strcasestr(connection->answer, "\r\ncontent-length:");
    if (!length || length > end) die("an answer without Content-Length");
    answer->head = connection->answer;
    answer->status = atoi(connection->answer + strlen("HTTP/1.1 "));
    answer->body = end + 4;
    answer->body_length = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
    answer->length = (size_t)(answer->body - answer->head) + answer->body_length;
    return connection->answered >= answer->length;
}

/* Copies what stands between `name` and one of `ends`; false when it is not there. */
static bool copy_value(char *value, const char *text, const char *name, const char *ends) {
    char *begin = strstr(text, name);
    if (!begin) return false;
    begin += strlen(name);
    size_t length = strcspn(begin, ends);
    if (length == 0 || length >= VALUE_BYTES) return false;
    memcpy(value, begin, length);
    value[length] = 0;
    return true;
}

static bool is_good(Connection *connection, Answer *answer) {
    if (mode == FLOW && connection->step == 0) {
        char *location = strcasestr(answer->head, "\r\nlocation:");
        return answer->status / 100 == 3 && location && copy_value(connection->value, location, "code=", "& #\r\n");
    }
    if (answer->status / 100 != 2) return false;
    if (mode == CHAIN) return copy_value(connection->value, answer->body, "\"refresh_token\":\"", "\"");
    return true;
}

static void count_error(const char *what, size_t length) {
    if (is_measuring) errors++;
    if (first_error[0]) return;
    for (size_t i = 0; i < length && i < sizeof first_error - 1; i++)
        first_error[i] = isprint((unsigned char)what[i]) && what[i] != '"' && what[i] != '\\' ? what[i] : ' ';
}

static void count_operation(Connection *connection) {
    all_operations++;
    if (!is_measuring) return;
    if (measured == latencies_size) {
        latencies_size = latencies_size ? latencies_size * 2 : 1 << 16;
        latencies = realloc(latencies, latencies_size * sizeof *latencies);
    }
    latencies[measured++] = now() - connection->began_at;
}

static void take_answer(Connection *connection, Answer *answer) {
    bool good = is_good(connection, answer);
    bool is_half = mode == FLOW && connection->step == 0 && good;
    if (!good) {
        count_error(answer->head, answer->length);
        connection->is_retired = mode == CHAIN; /* its chain is broken */
    } else if (!is_half) {
        count_operation(connection);
    }
    connection->step = is_half;
    connection->answered = 0;
    if (!connection->is_retired) send_next(connection);
}

static void take_bytes(Connection *connection) {
    size_t room = ANSWER_BYTES - 1 - connection->answered;
    ssize_t got = read(connection->socket, connection->answer + connection->answered, room);
    if (got <= 0) {
        static const char closed[] = "the server closed the connection";
        count_error(closed, strlen(closed));
        close(connection->socket);
        open_connection(connection);
        connection->step = 0;
        connection->is_retired = mode == CHAIN;
        if (!connection->is_retired) send_next(connection);
        return;
    }
    connection->answered += (size_t)got;
    Answer answer;
    if (read_answer(connection, &answer)) take_answer(connection, &answer);
    else if (connection->answered == ANSWER_BYTES - 1) die("an answer is too long");
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

static bool is_any_alive(Connection *connections, int count) {
    for (int i = 0; i < count; i++)
        if (!connections[i].is_retired) return true;
    return false;
}

static int compare(const void *one, const void *other) {
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

static double percentile(double part) {
    return measured ? (double)latencies[(size_t)((double)(measured - 1) * part)] / 1e6 : 0;
}

static void report(double seconds) {
    qsort(latencies, measured, sizeof *latencies, compare);
    printf("{\"operations\":%zu,\"all_operations\":%zu,\"seconds\":%.3f,\"per_second\":%.1f,", measured, all_operations,
           seconds, (double)measured / seconds);
    printf("\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"errors\":%zu,", percentile(0.5), percentile(0.99), errors);
    printf("\"is_exhausted\":%s,\"first_error\":\"%s\"}\n", is_exhausted ? "true" : "false", first_error);
}

static Mode read_mode(const char *name) {
    static const char *names[] = {"cycle", "once", "chain", "flow"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(name, names[i])) return (Mode)i;
    fprintf(stderr, "there is no mode %s\n", name);
    exit(2);
}

int main(int argc, char **argv) {
    int count = 0, option;
    double seconds = 0, warm_up = 0;
    while ((option = getopt(argc, argv, "p:c:s:w:m:r:v:")) != -1) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'c': count = atoi(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'w': warm_up = atof(optarg); break;
        case 'm': mode = read_mode(optarg); break;
        case 'r': requests = split(read_file(optarg), "%%%%\n"); break;
        case 'v': values = split(read_file(optarg), "\n"); break;
        default: return 2;
        }
    }
    if (!port || count < 1 || !requests.count || (mode == FLOW && requests.count != 2) ||
        (mode == CHAIN && values.count < (size_t)count)) {
        fprintf(stderr, "the options do not fit together\n");
        return 2;
    }
    poll_set = epoll_create1(0);
    Connection *connections = calloc((size_t)count, sizeof *connections);
    for (int i = 0; i < count; i++) {
        if (mode == CHAIN) snprintf(connections[i].value, VALUE_BYTES, "%s", values.items[i].text);
        open_connection(&connections[i]);
    }
    uint64_t measure_at = now() + (uint64_t)(warm_up * 1e9), end_at = measure_at + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < count; i++) send_next(&connections[i]);
    uint64_t time;
    while ((time = now()) < end_at && !is_exhausted && is_any_alive(connections, count)) {
        if (!is_measuring && time >= measure_at) {
            is_measuring = true;
            measure_at = time;
        }
        struct epoll_event events[256];
        int ready = epoll_wait(poll_set, events, 256, 50);
        for (int i = 0; i < ready; i++) take_bytes(events[i].data.ptr);
    }
    report(time > measure_at ? (double)(now() - measure_at) / 1e9 : 1e9);
    return 0;
}
