/* main.c - does not compile: one name in it is not declared. */

int main (void)
{
    return answer;
}
