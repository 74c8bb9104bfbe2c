/* Microseconds for a connection to Redis on this machine and a bare GET, in a fresh process: bare_get PORT KEY */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
    char text[65536];
    if (argc != 3) return 2;
    double begun = microseconds();
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&server, sizeof server) != 0) return 1;
    int length = snprintf(text, sizeof text, "*2\r\n$3\r\nGET\r\n$%zu\r\n%s\r\n", strlen(argv[2]), argv[2]);
    if (write(connection, text, (size_t)length) != length || read(connection, text, sizeof text) <= 0) return 1;
    printf("%.1f\n", microseconds() - begun);
    return 0;
}
