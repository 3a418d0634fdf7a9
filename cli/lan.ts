import { Option } from 'commander';

/** Both daemons check by themselves what they listen on and speak to; this is the word that permits more. */
export const insecureLanOption = (): Option =>
  new Option(
    '--insecure-lan',
    'permit addresses beyond this machine; the link is authenticated but NOT encrypted: ' +
      'anyone on the LAN can read it and alter what goes over it, and use the page',
  );
