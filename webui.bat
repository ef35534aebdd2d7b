@echo off
rem Starts webui.py with a suitable Python, for hands that are used to webui.bat and webui-user.bat.
setlocal
if not defined PAINTBOX_CALLED_FROM set "PAINTBOX_CALLED_FROM=%CD%"
cd /d "%~dp0"
if defined PYTHON (
    "%PYTHON%" webui.py %*
    exit /b %ERRORLEVEL%
)
for %%V in (3.13 3.12 3.11 3.14) do (
    py -%%V -c "" >nul 2>nul && (
        py -%%V webui.py %*
        exit /b
    )
)
python webui.py %*
exit /b %ERRORLEVEL%
